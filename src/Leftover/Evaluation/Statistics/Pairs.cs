namespace Leftover.Evaluation.Statistics;

/// <summary>Two samples of equal length, value by value.</summary>
internal static class Pairs
{
    /// <summary>a − b; checked.</summary>
    public static double[] Differences(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int atLeast)
    {
        Check(a, b, atLeast);
        double[] differences = new double[a.Length];
        for (int i = 0; i < differences.Length; i++) differences[i] = a[i] - b[i];
        return differences;
    }

    /// <exception cref="ArgumentException">The samples differ in length, are too short, or hold a value that is not finite.</exception>
    public static void Check(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int atLeast)
    {
        if (a.Length != b.Length) throw new ArgumentException($"a has {a.Length} values and b {b.Length}; paired samples have equally many, in the same order.");
        Descriptive.Check(a, atLeast);
        Descriptive.Check(b, atLeast);
    }
}
