using Leftover.Tensors;
using MathNet.Numerics.Distributions;

namespace Leftover.Evaluation.Statistics;

/// <summary>Intervals around a mean.</summary>
public static class MeanIntervals
{
    /// <summary>The mean of a sample with its interval.</summary>
    /// <param name="values">At least 2 values.</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="method">How the ends are found.</param>
    /// <param name="random">What the bootstrap draws from; up to 6 values it draws nothing, being exact.</param>
    /// <exception cref="ArgumentException">Fewer than 2 values, a value that is not finite, or a confidence outside (0, 1).</exception>
    public static Interval MeanInterval(ReadOnlySpan<double> values, double confidence, IntervalMethod method, RandomStream random)
    {
        Descriptive.Check(values, atLeast: 2);
        CheckConfidence(confidence);
        return method switch
        {
            IntervalMethod.StudentT => Around(values, StudentT.TwoSidedQuantile(1 - confidence, values.Length - 1), confidence),
            IntervalMethod.Normal => Around(values, -Normal.InvCDF(0, 1, (1 - confidence) / 2), confidence),
            IntervalMethod.BootstrapPercentile => MeanBootstrap.Of(values, random).Percentile(confidence),
            IntervalMethod.BootstrapBasic => MeanBootstrap.Of(values, random).Basic(confidence),
            IntervalMethod.BootstrapBca => MeanBootstrap.Of(values, random).Bca(confidence),
            _ => throw new ArgumentException($"{method} is no interval method."),
        };
    }

    internal static void CheckConfidence(double confidence)
    {
        if (confidence is not (> 0 and < 1)) throw new ArgumentException($"The confidence is {confidence}; it must lie in (0, 1), for example 0.95.");
    }

    private static Interval Around(ReadOnlySpan<double> values, double errors, double confidence)
    {
        double mean = Descriptive.MeanOf(values);
        double half = errors * Descriptive.StandardError(values);
        return new Interval(mean, mean - half, mean + half, confidence);
    }
}
