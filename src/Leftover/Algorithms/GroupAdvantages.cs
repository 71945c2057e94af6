namespace Leftover.Algorithms;

/// <summary>Advantages of replies against the others to the same prompt; no value is learned.</summary>
public static class GroupAdvantages
{
    private const double Smallest = 1e-4;                    // added to a deviation

    /// <summary>(R − mean of the group) / (deviation + 1e-4), the deviation unbiased. Shao et al. 2024, arXiv:2402.03300, §4.1.2.</summary>
    /// <param name="scores">The reward of each reply; a prompt's replies are neighbours; [B].</param>
    /// <param name="generations">Replies to each prompt; ≥ 2.</param>
    /// <param name="scale">What the differences are divided by.</param>
    public static double[] ToGroupMean(ReadOnlySpan<double> scores, int generations, RewardScale scale)
    {
        double[] advantages = new double[scores.Length];
        double whole = Deviation(scores);
        for (int first = 0; first < scores.Length; first += generations)
        {
            ReadOnlySpan<double> group = scores.Slice(first, generations);
            double mean = Mean(group), divisor = scale switch { RewardScale.Group => Deviation(group) + Smallest, RewardScale.Batch => whole + Smallest, _ => 1 };
            for (int i = 0; i < generations; i++) advantages[first + i] = (group[i] - mean) / divisor;
        }
        return advantages;
    }

    /// <summary>R − the mean of the group's others. Ahmadian et al. 2024, arXiv:2402.14740, §3.2.</summary>
    /// <param name="scores">The reward of each reply; a prompt's replies are neighbours; [B].</param>
    /// <param name="generations">Replies to each prompt; ≥ 2.</param>
    public static double[] ToOthers(ReadOnlySpan<double> scores, int generations)
    {
        double[] advantages = new double[scores.Length];
        for (int first = 0; first < scores.Length; first += generations)
        {
            double sum = 0;
            foreach (double score in scores.Slice(first, generations)) sum += score;
            for (int i = first; i < first + generations; i++) advantages[i] = scores[i] - (sum - scores[i]) / (generations - 1);
        }
        return advantages;
    }

    /// <summary>(x − mean) / (deviation + 1e-4) over all replies.</summary>
    public static double[] Normalized(ReadOnlySpan<double> x) => ToGroupMean(x, x.Length, RewardScale.Group);

    /// <summary>Several rewards, each normalised within its group before they are weighted and summed, then normalised over all. Liu et al. 2026, GDPO, arXiv:2601.05242.</summary>
    /// <param name="rewards">Each reward of all replies.</param>
    /// <param name="weights">Its weight.</param>
    /// <param name="generations">Replies to each prompt; ≥ 2.</param>
    public static double[] NormalizedThenSummed(IReadOnlyList<double[]> rewards, ReadOnlySpan<double> weights, int generations)
    {
        double[] sum = new double[rewards[0].Length];
        for (int r = 0; r < rewards.Count; r++)
        {
            double[] own = ToGroupMean(rewards[r], generations, RewardScale.Group);
            for (int i = 0; i < sum.Length; i++) sum[i] += weights[r] * own[i];
        }
        return Normalized(sum);
    }

    private static double Mean(ReadOnlySpan<double> x)
    {
        double sum = 0;
        foreach (double value in x) sum += value;
        return sum / x.Length;
    }

    private static double Deviation(ReadOnlySpan<double> x)
    {
        double mean = Mean(x), squares = 0;
        foreach (double value in x) squares += (value - mean) * (value - mean);
        return x.Length < 2 ? 0 : Math.Sqrt(squares / (x.Length - 1));
    }
}

/// <summary>What differences from a group's mean are divided by.</summary>
public enum RewardScale
{
    /// <summary>The group's deviation.</summary>
    Group,

    /// <summary>The deviation of all replies.</summary>
    Batch,

    /// <summary>Nothing. Liu et al. 2025, Dr. GRPO, arXiv:2503.20783.</summary>
    None,
}
