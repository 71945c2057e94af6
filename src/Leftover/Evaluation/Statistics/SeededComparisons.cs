using Leftover.Tensors;

namespace Leftover.Evaluation.Statistics;

/// <summary>One of several comparisons.</summary>
/// <param name="A">One method.</param>
/// <param name="B">The other.</param>
/// <param name="Result">How they compare.</param>
/// <param name="AdjustedP">The result's p, raised because several comparisons were made (Holm 1979).</param>
public sealed record MethodPair(string A, string B, SeededComparison Result, double AdjustedP);

/// <summary>Several methods, trained with the same seeds and scored on the same prompts.</summary>
public static class SeededComparisons
{
    /// <summary>Every method against every other, in the order given.</summary>
    /// <param name="methods">Each method's scores, [seeds][prompts]; names are unlike.</param>
    /// <param name="seed">What the bootstraps' random numbers follow from; a pair's depend on its names alone, so that another method changes none of them.</param>
    /// <param name="confidence">Of the intervals, in (0, 1).</param>
    /// <param name="resamples">How many resamples a bootstrap draws.</param>
    /// <exception cref="ArgumentException">Methods differ in seeds or prompts, or a score is not finite.</exception>
    public static IReadOnlyList<MethodPair> OfAllPairs(
        IReadOnlyList<(string Name, double[][] Scores)> methods, long seed, double confidence = 0.95, int resamples = MeanBootstrap.DefaultResamples) =>
        Compare([.. from i in Enumerable.Range(0, methods.Count) from j in Enumerable.Range(i + 1, methods.Count - i - 1) select (methods[i], methods[j])], seed, confidence, resamples);

    /// <summary>Every other method against one.</summary>
    /// <param name="methods">Each method's scores, [seeds][prompts]; names are unlike.</param>
    /// <param name="baseline">The name of the one.</param>
    /// <param name="seed">What the bootstraps' random numbers follow from.</param>
    /// <param name="confidence">Of the intervals, in (0, 1).</param>
    /// <param name="resamples">How many resamples a bootstrap draws.</param>
    /// <exception cref="ArgumentException">The baseline is not among the methods; methods differ in seeds or prompts, or a score is not finite.</exception>
    public static IReadOnlyList<MethodPair> AgainstBaseline(
        IReadOnlyList<(string Name, double[][] Scores)> methods, string baseline, long seed, double confidence = 0.95, int resamples = MeanBootstrap.DefaultResamples)
    {
        int at = methods.ToList().FindIndex(x => x.Name == baseline);
        if (at < 0) throw new ArgumentException($"'{baseline}' is not among the methods: {string.Join(", ", methods.Select(x => x.Name))}.");
        return Compare([.. methods.Where(x => x.Name != baseline).Select(x => (x, methods[at]))], seed, confidence, resamples);
    }

    private static MethodPair[] Compare(
        ((string Name, double[][] Scores) A, (string Name, double[][] Scores) B)[] pairs, long seed, double confidence, int resamples)
    {
        SeededComparison[] results = Array.ConvertAll(pairs, x =>
            SeededComparison.Compare(x.A.Scores, x.B.Scores, new RandomStream(seed, $"comparison: {x.A.Name} - {x.B.Name}"), confidence, resamples));
        double[] adjusted = MultipleComparisons.Adjust(Array.ConvertAll(results, x => x.P), Correction.Holm);
        return [.. pairs.Select((x, i) => new MethodPair(x.A.Name, x.B.Name, results[i], adjusted[i]))];
    }
}
