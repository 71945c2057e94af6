using Leftover.Tensors;
using MathNet.Numerics.Distributions;

namespace Leftover.Evaluation.Statistics;

/// <summary>The distribution of a mean over resamples of its own values, and the intervals read from it.</summary>
/// <remarks>
/// Efron &amp; Tibshirani 1993, chapters 13 and 14. Up to 6 values all nⁿ resamples are taken, so nothing is random; above, resamples are drawn.
/// Resampled means that equal the mean up to rounding count half in the bias of <see cref="Bca"/>.
/// </remarks>
public sealed class MeanBootstrap
{
    /// <summary>The number of resamples where they are drawn and nothing else is asked for.</summary>
    public const int DefaultResamples = 10_000;

    /// <summary>The most values for which every resample is taken.</summary>
    public const int ExactLimit = 6;

    private readonly double _mean;
    private readonly double[] _deviations;   // of the resampled means from the mean, sorted

    private MeanBootstrap(ReadOnlySpan<double> values, double[] deviations)
    {
        _mean = Descriptive.MeanOf(values);
        _deviations = deviations;
        Array.Sort(_deviations);
        Bias = BiasOf(_deviations, Rounding(values));
        Acceleration = AccelerationOf(values);
    }

    /// <summary>z₀: the normal quantile of the share of resampled means below the mean.</summary>
    public double Bias { get; }

    /// <summary>The acceleration a of BCa: how fast the standard error changes with the mean, from the jackknife.</summary>
    public double Acceleration { get; }

    /// <summary>The standard deviation of the resampled means.</summary>
    public double StandardError => Math.Sqrt(Descriptive.SquaredDeviations(_deviations) / _deviations.Length);

    /// <summary>Exact up to <see cref="ExactLimit"/> values, drawn above.</summary>
    /// <exception cref="ArgumentException">Fewer than 2 values, or one that is not finite.</exception>
    public static MeanBootstrap Of(ReadOnlySpan<double> values, RandomStream random, int resamples = DefaultResamples)
    {
        Descriptive.Check(values, atLeast: 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        return values.Length <= ExactLimit ? new MeanBootstrap(values, AllResamples(values)) : new MeanBootstrap(values, Draw(values, random, resamples));
    }

    /// <summary>The quantile of the resampled means, linear between neighbours.</summary>
    public double Quantile(double share) => _mean + Descriptive.QuantileOfSorted(_deviations, share);

    /// <summary>The middle share of the resampled means.</summary>
    public Interval Percentile(double confidence)
    {
        MeanIntervals.CheckConfidence(confidence);
        return new Interval(_mean, Quantile((1 - confidence) / 2), Quantile((1 + confidence) / 2), confidence);
    }

    /// <summary>The percentile interval reflected at the mean.</summary>
    public Interval Basic(double confidence)
    {
        Interval percentile = Percentile(confidence);
        return percentile with { Low = 2 * _mean - percentile.High, High = 2 * _mean - percentile.Low };
    }

    /// <summary>The bias-corrected and accelerated interval.</summary>
    public Interval Bca(double confidence)
    {
        (double low, double high) = BcaShares(confidence);
        return new Interval(_mean, Quantile(low), Quantile(high), confidence);
    }

    /// <summary>The two shares at which <see cref="Bca"/> reads its ends: Φ(z₀ + (z₀ + z) / (1 − a·(z₀ + z))) for z = ±z of the confidence.</summary>
    public (double Low, double High) BcaShares(double confidence)
    {
        MeanIntervals.CheckConfidence(confidence);
        double z = Normal.InvCDF(0, 1, (1 - confidence) / 2);
        return (Share(z), Share(-z));

        double Share(double quantile)
        {
            double moved = Bias + quantile;
            double stretch = 1 - Acceleration * moved;
            if (stretch <= 0) return moved > 0 ? 1 : 0;   // beyond the pole all mass lies on one side
            return Normal.CDF(0, 1, Bias + moved / stretch);
        }
    }

    private static double[] AllResamples(ReadOnlySpan<double> values)
    {
        int n = values.Length;
        double[] centred = Centred(values);
        double[] deviations = new double[(int)Math.Pow(n, n)];
        for (int resample = 0; resample < deviations.Length; resample++)
        {
            double sum = 0;
            for (int i = 0, digits = resample; i < n; i++, digits /= n) sum += centred[digits % n];
            deviations[resample] = sum / n;
        }
        return deviations;
    }

    private static double[] Draw(ReadOnlySpan<double> values, RandomStream random, int resamples)
    {
        double[] centred = Centred(values);
        double[] deviations = new double[resamples];
        for (int resample = 0; resample < resamples; resample++)
        {
            double sum = 0;
            for (int i = 0; i < centred.Length; i++) sum += centred[random.Next(centred.Length)];
            deviations[resample] = sum / centred.Length;
        }
        return deviations;
    }

    private static double[] Centred(ReadOnlySpan<double> values)
    {
        double mean = Descriptive.MeanOf(values);
        double[] centred = values.ToArray();
        for (int i = 0; i < centred.Length; i++) centred[i] -= mean;
        return centred;
    }

    /// <summary>Deviations up to this size are rounding: a few last bits of the largest value.</summary>
    private static double Rounding(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double value in values) largest = Math.Max(largest, Math.Abs(value));
        return 8 * (Math.BitIncrement(1.0) - 1) * largest;
    }

    private static double BiasOf(double[] deviations, double rounding)
    {
        double below = 0;
        foreach (double deviation in deviations)
        {
            if (Math.Abs(deviation) <= rounding) below += 0.5;
            else if (deviation < 0) below++;
        }
        double share = Math.Clamp(below / deviations.Length, 0.5 / deviations.Length, 1 - 0.5 / deviations.Length);
        return Normal.InvCDF(0, 1, share);
    }

    // The mean without value i lies (mean − xᵢ)/(n − 1) above the mean, so a = Σ(xᵢ − mean)³ / (6 (Σ(xᵢ − mean)²)^1.5).
    private static double AccelerationOf(ReadOnlySpan<double> values)
    {
        double squares = 0, cubes = 0;
        foreach (double deviation in Centred(values))
        {
            squares += deviation * deviation;
            cubes += deviation * deviation * deviation;
        }
        return squares == 0 ? 0 : cubes / (6 * Math.Pow(squares, 1.5));
    }
}
