using Leftover.Evaluation.Statistics;

namespace Leftover.Training;

/// <summary>Importance ratios ρ = π_θ/π_ref, of tokens or of whole completions.</summary>
/// <param name="Mean">Their mean; 1 in expectation where the data is the reference policy's.</param>
/// <param name="StandardDeviation">Their standard deviation (over n).</param>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The greatest.</param>
/// <param name="EffectiveSampleSize">(Σρ)² / (n·Σρ²), in (0, 1]: the share of the data that is left once it is weighted. Below 0.3 is a warning.</param>
/// <param name="FractionHigh">Share above 1 + ε, where the weight is clipped.</param>
/// <param name="FractionLow">Share below 1 − ε.</param>
/// <param name="ChiSquared">mean(ρ²) − 1, the χ² divergence of π_θ from π_ref.</param>
public sealed record RatioStatistics(
    double Mean, double StandardDeviation, double Minimum, double Maximum, double EffectiveSampleSize, double FractionHigh, double FractionLow, double ChiSquared)
{
    internal const double LargestLogRatio = 300;          // so that a square stays finite

    internal static RatioStatistics Of(ReadOnlySpan<double> logRatios, double clipRange)
    {
        int n = logRatios.Length, high = 0, low = 0;
        double[] held = new double[n];
        double sum = 0, squares = 0, minimum = double.PositiveInfinity, maximum = 0;
        for (int i = 0; i < n; i++)
        {
            held[i] = Math.Clamp(logRatios[i], -LargestLogRatio, LargestLogRatio);
            double ratio = Math.Exp(held[i]);
            sum += ratio;
            squares += ratio * ratio;
            (minimum, maximum) = (Math.Min(minimum, ratio), Math.Max(maximum, ratio));
            if (ratio > 1 + clipRange) high++;
            if (ratio < 1 - clipRange) low++;
        }
        double mean = sum / n;
        return new RatioStatistics(
            mean, Math.Sqrt(Math.Max(squares / n - mean * mean, 0)), minimum, maximum, ImportanceWeights.OfLogs(held).Share, (double)high / n, (double)low / n, squares / n - 1);
    }
}

/// <summary>How far the policy has moved from the reference on some logged completions.</summary>
/// <param name="Completions">How many there are.</param>
/// <param name="Kl">Mean over tokens of ln π_ref − ln π_θ (k1), in nats: KL(π_ref ‖ π_θ) where the data is the reference's; it may be negative.</param>
/// <param name="KlK3">Mean over tokens of ρ − 1 − ln ρ (k3): the same in expectation, never negative.</param>
/// <param name="SequenceKl">Mean over completions of ln π_ref(y|x) − ln π_θ(y|x), in nats.</param>
/// <param name="LogProb">Mean over completions of ln π_θ(y|x), in nats.</param>
/// <param name="Tokens">Ratios of single tokens.</param>
/// <param name="Sequences">Ratios of whole completions.</param>
public sealed record OffPolicyReport(int Completions, double Kl, double KlK3, double SequenceKl, double LogProb, RatioStatistics Tokens, RatioStatistics Sequences)
{
    /// <summary>The figures under the names of the field, each after <paramref name="prefix"/>: <c>kl</c>, <c>is_mean</c>, <c>seq_is_mean</c>, …</summary>
    public IEnumerable<KeyValuePair<string, double>> Metrics(string prefix = "offpolicy/")
    {
        yield return new(prefix + "kl", Kl);
        yield return new(prefix + "k3_kl", KlK3);
        yield return new(prefix + "seq_kl", SequenceKl);
        yield return new(prefix + "logps", LogProb);
        yield return new(prefix + "chi2_token", Tokens.ChiSquared);
        yield return new(prefix + "chi2_seq", Sequences.ChiSquared);
        foreach ((string form, RatioStatistics ratios) in new[] { ("", Tokens), ("seq_", Sequences) })
        {
            yield return new($"{prefix}{form}is_mean", ratios.Mean);
            yield return new($"{prefix}{form}is_std", ratios.StandardDeviation);
            yield return new($"{prefix}{form}is_min", ratios.Minimum);
            yield return new($"{prefix}{form}is_max", ratios.Maximum);
            yield return new($"{prefix}{form}is_eff_sample_size", ratios.EffectiveSampleSize);
            yield return new($"{prefix}{form}ratio_fraction_high", ratios.FractionHigh);
            yield return new($"{prefix}{form}ratio_fraction_low", ratios.FractionLow);
        }
    }
}
