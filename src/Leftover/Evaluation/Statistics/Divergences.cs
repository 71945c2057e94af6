namespace Leftover.Evaluation.Statistics;

/// <summary>Exact distances of two distributions over a vocabulary, given by their logits; in nats.</summary>
public static class Divergences
{
    /// <summary>KL(p ‖ q) = Σ p ln(p/q); infinite where q rules out what p allows.</summary>
    /// <param name="logits">p's logits, [V]; −∞ rules a token out.</param>
    /// <param name="otherLogits">q's logits, [V].</param>
    /// <exception cref="ArgumentException">The lengths differ, or there is no finite logit.</exception>
    public static double KullbackLeibler(ReadOnlySpan<double> logits, ReadOnlySpan<double> otherLogits)
    {
        (double[] logP, double[] logQ) = (LogSoftmax(logits), LogSoftmax(otherLogits));
        CheckLengths(logits, otherLogits);
        double sum = 0;
        for (int i = 0; i < logP.Length; i++)
            if (!double.IsNegativeInfinity(logP[i])) sum += Math.Exp(logP[i]) * (logP[i] - logQ[i]);
        return sum;
    }

    /// <summary>The Jensen-Shannon divergence: the mean KL of both to their average; in [0, ln 2].</summary>
    /// <param name="logits">p's logits, [V].</param>
    /// <param name="otherLogits">q's logits, [V].</param>
    /// <exception cref="ArgumentException">The lengths differ, or there is no finite logit.</exception>
    public static double JensenShannon(ReadOnlySpan<double> logits, ReadOnlySpan<double> otherLogits)
    {
        (double[] logP, double[] logQ) = (LogSoftmax(logits), LogSoftmax(otherLogits));
        CheckLengths(logits, otherLogits);
        double sum = 0;
        for (int i = 0; i < logP.Length; i++)
        {
            double p = Math.Exp(logP[i]), q = Math.Exp(logQ[i]), logMiddle = Math.Log((p + q) / 2);
            if (p > 0) sum += p * (logP[i] - logMiddle) / 2;
            if (q > 0) sum += q * (logQ[i] - logMiddle) / 2;
        }
        return sum;
    }

    /// <summary>The entropy −Σ p ln p.</summary>
    /// <param name="logits">p's logits, [V].</param>
    /// <exception cref="ArgumentException">There is no finite logit.</exception>
    public static double Entropy(ReadOnlySpan<double> logits)
    {
        double sum = 0;
        foreach (double logP in LogSoftmax(logits))
            if (!double.IsNegativeInfinity(logP)) sum -= Math.Exp(logP) * logP;
        return sum;
    }

    private static double[] LogSoftmax(ReadOnlySpan<double> logits)
    {
        double[] result = logits.ToArray();
        double logSum = ImportanceWeights.LogSumExp(logits);
        if (!double.IsFinite(logSum)) throw new ArgumentException($"The logits' log-sum-exp is {logSum}; at least one logit must be finite and none NaN or +∞.");
        for (int i = 0; i < result.Length; i++) result[i] -= logSum;
        return result;
    }

    private static void CheckLengths(ReadOnlySpan<double> logits, ReadOnlySpan<double> otherLogits)
    {
        if (logits.Length != otherLogits.Length)
            throw new ArgumentException($"One distribution has {logits.Length} logits, the other {otherLogits.Length}; both need one a vocabulary entry.");
    }
}
