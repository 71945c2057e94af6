using MathNet.Numerics;

namespace Leftover.Evaluation.Statistics;

/// <summary>McNemar's test (1947): did two methods pass on different rows? Only rows count that exactly one of them passed.</summary>
/// <param name="OnlyA">Rows that a alone passed.</param>
/// <param name="OnlyB">Rows that b alone passed.</param>
public sealed record McNemarTest(int OnlyA, int OnlyB)
{
    /// <summary>Exact and two-sided: twice the smaller binomial tail, at most 1.</summary>
    public double PExact => Proportions.FairCoin(OnlyA, OnlyB);

    /// <summary>(a − b)² / (a + b), χ² with one degree of freedom; null where no row counts.</summary>
    public (double Statistic, double P)? ChiSquare => Of(Math.Abs((double)OnlyA - OnlyB));

    /// <summary>The same with the continuity correction, (|a − b| − 1)² / (a + b); null where no row counts.</summary>
    public (double Statistic, double P)? ChiSquareCorrected => Of(Math.Abs((double)OnlyA - OnlyB) - 1);

    /// <summary>Counts rows.</summary>
    /// <param name="a">Whether a passed each row.</param>
    /// <param name="b">Whether b did, in the same order.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static McNemarTest Of(ReadOnlySpan<bool> a, ReadOnlySpan<bool> b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"a has {a.Length} rows and b {b.Length}; both need one outcome a row, in the same order.");
        int onlyA = 0, onlyB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] && !b[i]) onlyA++;
            if (b[i] && !a[i]) onlyB++;
        }
        return new McNemarTest(onlyA, onlyB);
    }

    // χ² with one degree of freedom is a squared standard normal: P(χ² ≥ s) = erfc(√(s/2)).
    private (double, double)? Of(double distance)
    {
        if (OnlyA + OnlyB == 0) return null;
        double statistic = distance * distance / (OnlyA + OnlyB);
        return (statistic, SpecialFunctions.Erfc(Math.Sqrt(statistic / 2)));
    }
}
