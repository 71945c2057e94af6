namespace Leftover.Evaluation.Statistics;

/// <summary>Places of values in their order, from 1; equal values share the mean of their places.</summary>
internal static class Ranks
{
    public static double[] Of(ReadOnlySpan<double> values) => Of(values, out _);

    /// <summary>The ranks, and the sizes of the groups of equal values.</summary>
    public static double[] Of(ReadOnlySpan<double> values, out int[] groups)
    {
        double[] sorted = values.ToArray(), ranks = new double[values.Length];
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(sorted, order);
        List<int> sizes = [];
        for (int first = 0, next; first < sorted.Length; first = next)
        {
            next = first + 1;
            while (next < sorted.Length && sorted[next] == sorted[first]) next++;
            for (int i = first; i < next; i++) ranks[order[i]] = (first + 1 + next) / 2.0;
            sizes.Add(next - first);
        }
        groups = [.. sizes];
        return ranks;
    }
}
