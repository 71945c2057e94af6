using Leftover.Data;
using Leftover.Tensors;

namespace Leftover.Pipeline.Comparison;

/// <summary>A log in which a share of the completions is replaced by bad ones, to see which method learns from it all the same.</summary>
/// <remarks>
/// Bad are the completions of the fifth of the rows with the lowest rewards. A replaced row keeps its prompt and takes the completion, and what was
/// recorded of it, of such a row of another prompt; what scores text scores it anew. The rows replaced at a lower share are among those of a higher one.
/// </remarks>
internal static class NoisyLog
{
    private const double BadShare = 0.2;

    /// <summary>The data with a share of the training completions replaced; validation and held-out rows stay.</summary>
    /// <param name="data">The data as it is.</param>
    /// <param name="totals">The combined reward of each training row.</param>
    /// <param name="share">How many are replaced; in [0, 1).</param>
    /// <param name="seed">Which ones, and by which.</param>
    public static DataReport Of(DataReport data, IReadOnlyList<double> totals, double share, long seed)
    {
        IReadOnlyList<Example> rows = data.Train.Examples;
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        new RandomStream(seed, "noise rows").Shuffle<int>(order);
        int[] bad = [.. Enumerable.Range(0, rows.Count).OrderBy(i => totals[i]).ThenBy(i => i).Take(Math.Max(1, (int)(BadShare * rows.Count)))];
        if (bad.Select(i => rows[i].Group).Distinct().Count() < 2)
            throw new DataException($"compare.noise replaces completions by those of the lowest rewards, and all {bad.Length} of these belong to one prompt. More rows are needed.");

        Example[] noisy = [.. rows];
        foreach (int i in order.Take((int)Math.Round(share * rows.Count)))
        {
            var random = new RandomStream(seed, "noise completion", i);
            Example from;
            do from = rows[bad[random.Next(bad.Length)]];
            while (from.Group == rows[i].Group);
            noisy[i] = rows[i] with { Completion = from.Completion, CompletionIds = from.CompletionIds, Rewards = from.Rewards, Propensity = null };
        }
        return data with { Train = data.Train with { Examples = noisy } };
    }
}
