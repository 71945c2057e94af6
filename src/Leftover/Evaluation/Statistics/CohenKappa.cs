namespace Leftover.Evaluation.Statistics;

/// <summary>How a disagreement is weighed in <see cref="CohenKappa"/>.</summary>
public enum KappaWeights
{
    /// <summary>Any two different labels disagree fully.</summary>
    Equal,

    /// <summary>By how many labels lie between them.</summary>
    Linear,

    /// <summary>By the square of that.</summary>
    Quadratic,
}

/// <summary>Do two judges agree more than two who guess at their own rates?</summary>
public static class CohenKappa
{
    /// <summary>The share of rows with the same label, in [0, 1].</summary>
    /// <exception cref="ArgumentException">There is no row, or the lengths differ.</exception>
    public static double RawAgreement(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        Check(a, b);
        int same = 0;
        for (int i = 0; i < a.Length; i++)
            if (a[i] == b[i]) same++;
        return (double)same / a.Length;
    }

    /// <summary>Cohen's κ = 1 − Σ w·observed / Σ w·expected over pairs of labels (Cohen 1960, 1968), at most 1; 0 is chance.</summary>
    /// <param name="a">One judge's labels; for weights their order is that of the numbers, and the distance that of their places.</param>
    /// <param name="b">The other's, in the same order.</param>
    /// <param name="weights">How a disagreement is weighed.</param>
    /// <exception cref="ArgumentException">There is no row, the lengths differ, or both judges give one and the same label throughout, where κ is undefined.</exception>
    public static double Of(ReadOnlySpan<int> a, ReadOnlySpan<int> b, KappaWeights weights = KappaWeights.Equal)
    {
        Check(a, b);
        int[] labels = [.. new SortedSet<int>([.. a, .. b])];
        if (labels.Length == 1) throw new ArgumentException($"Both judges say {labels[0]} in all {a.Length} rows; kappa needs two labels.");
        double[] shareA = new double[labels.Length], shareB = new double[labels.Length];
        double observed = 0, expected = 0;
        for (int row = 0; row < a.Length; row++)
        {
            int i = Array.BinarySearch(labels, a[row]), j = Array.BinarySearch(labels, b[row]);
            shareA[i] += 1.0 / a.Length;
            shareB[j] += 1.0 / b.Length;
            observed += Weight(weights, i, j) / a.Length;
        }
        for (int i = 0; i < labels.Length; i++)
            for (int j = 0; j < labels.Length; j++) expected += Weight(weights, i, j) * shareA[i] * shareB[j];
        return 1 - observed / expected;
    }

    private static double Weight(KappaWeights weights, int i, int j) => weights switch
    {
        KappaWeights.Linear => Math.Abs(i - j),
        KappaWeights.Quadratic => (i - j) * (i - j),
        _ => i == j ? 0 : 1,
    };

    private static void Check(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        if (a.Length != b.Length || a.Length == 0) throw new ArgumentException($"One judge has {a.Length} labels, the other {b.Length}; both need one a row, and at least one row.");
    }
}
