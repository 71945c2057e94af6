namespace Leftover.Evaluation.Statistics;

/// <summary>How much data is left once it is weighted: a summary of importance weights, worked out of their logarithms so that none can overflow.</summary>
/// <param name="EffectiveSampleSize">(Σw)² / Σw²: the number of equal weights with the same variance, in [1, n].</param>
/// <param name="Share">The effective sample size over n.</param>
/// <param name="LogMeanWeight">ln of the mean weight.</param>
/// <param name="Perplexity">e to the entropy of the normalised weights, in [1, n].</param>
/// <param name="LargestShare">The largest normalised weight.</param>
/// <param name="Normalised">The weights, summing to 1.</param>
public sealed record ImportanceWeights(
    double EffectiveSampleSize, double Share, double LogMeanWeight, double Perplexity, double LargestShare, double[] Normalised)
{
    /// <summary>Summarises weights.</summary>
    /// <param name="logWeights">ln of each weight; −∞ is a weight of 0.</param>
    /// <exception cref="ArgumentException">There is no weight above 0, or one is infinite or not a number.</exception>
    public static ImportanceWeights OfLogs(ReadOnlySpan<double> logWeights)
    {
        double logSum = LogSumExp(logWeights);
        if (!double.IsFinite(logSum))
            throw new ArgumentException($"The {logWeights.Length} log weights sum to e^{logSum}; at least one must be finite, none +∞ or NaN.");

        double[] normalised = new double[logWeights.Length];
        double squares = 0, entropy = 0, largest = 0;
        for (int i = 0; i < normalised.Length; i++)
        {
            double logShare = logWeights[i] - logSum;
            double share = normalised[i] = Math.Exp(logShare);
            squares += share * share;
            if (share > 0) entropy -= share * logShare;
            largest = Math.Max(largest, share);
        }
        double size = 1 / squares;
        return new ImportanceWeights(size, size / normalised.Length, logSum - Math.Log(normalised.Length), Math.Exp(entropy), largest, normalised);
    }

    /// <summary>ln Σ e^x; −∞ of nothing.</summary>
    internal static double LogSumExp(ReadOnlySpan<double> values)
    {
        double largest = double.NegativeInfinity;
        foreach (double value in values) largest = Math.Max(largest, value);   // NaN stays NaN
        if (!double.IsFinite(largest)) return largest;
        double sum = 0;
        foreach (double value in values) sum += Math.Exp(value - largest);
        return largest + Math.Log(sum);
    }
}
