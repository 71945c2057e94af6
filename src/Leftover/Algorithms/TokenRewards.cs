namespace Leftover.Algorithms;

/// <summary>Rewards of single tokens: the drift from the reference costs, and the last token earns the reply's score.</summary>
/// <remarks>Ziegler et al. 2019, arXiv:1909.08593, eq. 2, token by token as in Stiennon et al. 2020, arXiv:2009.01325.</remarks>
public static class TokenRewards
{
    /// <summary>The estimate of KL(π ‖ π_ref) at a token that π drew, in nats.</summary>
    /// <param name="penalty">Which.</param>
    /// <param name="logProb">ln π of the token.</param>
    /// <param name="reference">ln π_ref of it.</param>
    public static double Kl(KlPenalty penalty, double logProb, double reference)
    {
        double d = logProb - reference;
        return penalty switch
        {
            KlPenalty.K1 => d,
            KlPenalty.Abs => Math.Abs(d),
            KlPenalty.K2 => d * d / 2,
            _ => Math.Exp(-d) - 1 + d,
        };
    }

    /// <summary>−coefficient·kl of each token, and the score on each reply's last; [N].</summary>
    /// <param name="kl">The KL of each token; [N].</param>
    /// <param name="scores">The score of each reply; [B].</param>
    /// <param name="offsets">Reply i is tokens <c>offsets[i] .. offsets[i+1]-1</c>, at least one; [B+1].</param>
    /// <param name="coefficient">Reward units a nat.</param>
    public static double[] Of(ReadOnlySpan<double> kl, ReadOnlySpan<double> scores, ReadOnlySpan<int> offsets, double coefficient)
    {
        double[] rewards = new double[kl.Length];
        for (int t = 0; t < rewards.Length; t++) rewards[t] = -coefficient * kl[t];
        for (int i = 0; i < scores.Length; i++) rewards[offsets[i + 1] - 1] += scores[i];
        return rewards;
    }

    /// <summary>Numbers scaled to variance 1 and, where wanted, moved to mean 0: (x − mean)/√(variance + 1e-8), the variance unbiased.</summary>
    /// <param name="x">At least two numbers; a single one becomes 0, or stays without the shift.</param>
    /// <param name="shift">False keeps the mean.</param>
    /// <param name="unbiased">True divides the squares by n − 1, false by n.</param>
    public static double[] Whiten(ReadOnlySpan<double> x, bool shift = true, bool unbiased = true)
    {
        double mean = 0, squares = 0;
        foreach (double value in x) mean += value / x.Length;
        foreach (double value in x) squares += (value - mean) * (value - mean);
        double scale = x.Length < 2 ? 1 : 1 / Math.Sqrt(squares / (unbiased ? x.Length - 1 : x.Length) + 1e-8);
        double[] white = new double[x.Length];
        for (int i = 0; i < white.Length; i++) white[i] = (x[i] - mean) * scale + (shift ? 0 : mean);
        return white;
    }
}

/// <summary>Estimates of the KL divergence from one drawn token. Schulman 2020, "Approximating KL divergence".</summary>
public enum KlPenalty
{
    /// <summary>ln π − ln π_ref.</summary>
    K1,

    /// <summary>|ln π − ln π_ref|.</summary>
    Abs,

    /// <summary>(ln π − ln π_ref)²/2.</summary>
    K2,

    /// <summary>π_ref/π − 1 − ln(π_ref/π).</summary>
    K3,
}
