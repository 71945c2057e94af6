namespace Leftover.Evaluation.Statistics;

/// <summary>Estimates of KL(policy ‖ reference) from tokens that the policy sampled.</summary>
public enum KlEstimator
{
    /// <summary>ln π_θ − ln π_ref: unbiased, may be negative.</summary>
    K1,

    /// <summary>k1² / 2: biased, never negative.</summary>
    K2,

    /// <summary>π_ref/π_θ − 1 − ln(π_ref/π_θ): unbiased, never negative.</summary>
    K3,
}

/// <summary>One estimator over a packed batch, in nats.</summary>
/// <param name="Tokens">One value a token, [N].</param>
/// <param name="SumBySequence">Their sums over each sequence, [B].</param>
/// <param name="MeanOverTokens">The mean over all tokens of the batch.</param>
/// <param name="MeanOfSequenceSums">The mean of the sums.</param>
/// <param name="MeanOfSequenceMeans">The mean of each sequence's mean.</param>
public sealed record KlEstimate(double[] Tokens, double[] SumBySequence, double MeanOverTokens, double MeanOfSequenceSums, double MeanOfSequenceMeans);

/// <summary>KL divergence estimated from log-probabilities of sampled tokens (Schulman 2020, "Approximating KL divergence").</summary>
public static class KlEstimators
{
    /// <summary>The estimate of one sample; in nats.</summary>
    /// <param name="estimator">The formula.</param>
    /// <param name="logProb">ln π_θ of what was sampled.</param>
    /// <param name="referenceLogProb">ln π_ref of the same.</param>
    public static double Of(KlEstimator estimator, double logProb, double referenceLogProb)
    {
        double logRatio = logProb - referenceLogProb;
        return estimator switch
        {
            KlEstimator.K1 => logRatio,
            KlEstimator.K2 => logRatio * logRatio / 2,
            KlEstimator.K3 => NearZero.ExpMinusOne(-logRatio) + logRatio,
            _ => throw new ArgumentException($"{estimator} is no estimator."),
        };
    }

    /// <summary>The estimate of each token, and its sums and means.</summary>
    /// <param name="estimator">The formula.</param>
    /// <param name="logProbs">ln π_θ of each token, [N].</param>
    /// <param name="referenceLogProbs">ln π_ref of each token, [N].</param>
    /// <param name="offsets">Sequence i is the tokens from offsets[i] up to offsets[i + 1], [B + 1].</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a sequence is empty.</exception>
    public static KlEstimate Estimate(KlEstimator estimator, ReadOnlySpan<double> logProbs, ReadOnlySpan<double> referenceLogProbs, ReadOnlySpan<int> offsets)
    {
        Check(logProbs, referenceLogProbs, offsets);
        double[] tokens = new double[logProbs.Length];
        for (int i = 0; i < tokens.Length; i++) tokens[i] = Of(estimator, logProbs[i], referenceLogProbs[i]);

        double[] sums = new double[offsets.Length - 1];
        double meanOfMeans = 0;
        for (int sequence = 0; sequence < sums.Length; sequence++)
        {
            for (int i = offsets[sequence]; i < offsets[sequence + 1]; i++) sums[sequence] += tokens[i];
            meanOfMeans += sums[sequence] / (offsets[sequence + 1] - offsets[sequence]) / sums.Length;
        }
        return new KlEstimate(tokens, sums, Descriptive.MeanOf(tokens), Descriptive.MeanOf(sums), meanOfMeans);
    }

    /// <summary>The estimator of each whole sequence's log-probabilities, [B]; for k3 this is not the sum over its tokens.</summary>
    /// <param name="estimator">The formula.</param>
    /// <param name="logProbs">ln π_θ of each token, [N].</param>
    /// <param name="referenceLogProbs">ln π_ref of each token, [N].</param>
    /// <param name="offsets">Sequence i is the tokens from offsets[i] up to offsets[i + 1], [B + 1].</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a sequence is empty.</exception>
    public static double[] OfSequences(KlEstimator estimator, ReadOnlySpan<double> logProbs, ReadOnlySpan<double> referenceLogProbs, ReadOnlySpan<int> offsets)
    {
        double[] logRatios = Estimate(KlEstimator.K1, logProbs, referenceLogProbs, offsets).SumBySequence;
        return Array.ConvertAll(logRatios, x => Of(estimator, x, 0));
    }

    private static void Check(ReadOnlySpan<double> logProbs, ReadOnlySpan<double> referenceLogProbs, ReadOnlySpan<int> offsets)
    {
        if (logProbs.Length != referenceLogProbs.Length)
            throw new ArgumentException($"There are {logProbs.Length} log-probabilities and {referenceLogProbs.Length} of the reference; there must be one a token in both.");
        if (offsets.Length < 2 || offsets[0] != 0 || offsets[^1] != logProbs.Length)
            throw new ArgumentException($"The offsets must run from 0 to the number of tokens, {logProbs.Length}, and hold at least one sequence.");
        for (int sequence = 0; sequence + 1 < offsets.Length; sequence++)
            if (offsets[sequence + 1] <= offsets[sequence])
                throw new ArgumentException($"Sequence {sequence} runs from token {offsets[sequence]} to {offsets[sequence + 1]}; it needs at least one token.");
    }
}
