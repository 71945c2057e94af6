namespace Leftover.Evaluation.Classification;

/// <summary>Ranks of numbers.</summary>
internal static class Ranks
{
    /// <summary>Each number's rank from 1; equal numbers share the mean of theirs.</summary>
    public static double[] Average(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray(), ranks = new double[sorted.Length];
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        for (int first = 0, end; first < sorted.Length; first = end)
        {
            for (end = first + 1; end < sorted.Length && sorted[end] == sorted[first]; end++) { }
            for (int i = first; i < end; i++) ranks[order[i]] = (first + end + 1) / 2.0;
        }
        return ranks;
    }
}
