using MathNet.Numerics.Distributions;

namespace Leftover.Evaluation.Statistics;

/// <summary>What becomes of pairs without a difference in <see cref="WilcoxonSignedRank"/>.</summary>
public enum ZeroTreatment
{
    /// <summary>They are left out (Wilcoxon).</summary>
    Drop,

    /// <summary>They are ranked, then their ranks are left out (Pratt).</summary>
    RankThenDrop,

    /// <summary>They are ranked, and their ranks are split between both sums.</summary>
    Split,
}

/// <summary>Wilcoxon's signed rank test of paired samples.</summary>
/// <param name="Statistic">The smaller of the two rank sums.</param>
/// <param name="P">Two-sided.</param>
public sealed record WilcoxonSignedRank(double Statistic, double P)
{
    /// <summary>By the normal approximation, its variance corrected for ties.</summary>
    /// <param name="a">One value a pair.</param>
    /// <param name="b">The other values, in the same order.</param>
    /// <param name="zeros">What becomes of equal pairs.</param>
    /// <param name="continuityCorrection">Move the statistic by ½ towards its mean.</param>
    /// <exception cref="ArgumentException">The samples differ in length, are empty, or hold a value that is not finite.</exception>
    public static WilcoxonSignedRank Normal(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ZeroTreatment zeros, bool continuityCorrection)
    {
        double[] differences = Pairs.Differences(a, b, atLeast: 1);
        if (zeros == ZeroTreatment.Drop) differences = [.. differences.Where(x => x != 0)];
        SignedRanks ranks = SignedRanks.Of(differences);
        double plus = ranks.Plus, minus = ranks.Minus, n = differences.Length, z = ranks.Zeros;
        double mean = n * (n + 1) / 4;
        double variance = n * (n + 1) * (2 * n + 1) - ranks.TieCorrection / 2;
        if (zeros == ZeroTreatment.RankThenDrop)
        {
            mean -= z * (z + 1) / 4;
            variance -= z * (z + 1) * (2 * z + 1) - (z * z * z - z) / 2;   // the zeros' own tie goes with them
        }
        if (zeros == ZeroTreatment.Split)
        {
            plus += ranks.Zero / 2;
            minus += ranks.Zero / 2;
        }

        double statistic = Math.Min(plus, minus);
        if (variance <= 0) return new WilcoxonSignedRank(statistic, 1);   // no difference at all
        double distance = mean - statistic - (continuityCorrection && statistic != mean ? 0.5 : 0);
        double tail = MathNet.Numerics.Distributions.Normal.CDF(0, 1, -distance / Math.Sqrt(variance / 24));
        return new WilcoxonSignedRank(statistic, Math.Min(1, 2 * tail));
    }

    /// <summary>By counting all 2ⁿ signs.</summary>
    /// <param name="a">One value a pair.</param>
    /// <param name="b">The other values, in the same order.</param>
    /// <exception cref="ArgumentException">Two differences have one size, or one is 0: then only the normal form is known; or the samples do not fit.</exception>
    public static WilcoxonSignedRank Exact(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double[] differences = Pairs.Differences(a, b, atLeast: 1);
        SignedRanks ranks = SignedRanks.Of(differences);
        if (ranks.Zeros > 0 || ranks.TieCorrection > 0)
            throw new ArgumentException("The exact Wilcoxon test needs differences without ties and zeros; use the normal form, or the sign-flip test.");

        int statistic = (int)Math.Min(ranks.Plus, ranks.Minus);
        return new WilcoxonSignedRank(statistic, Math.Min(1, 2 * RankSumCdf(differences.Length, statistic)));
    }

    /// <summary>P(rank sum ≤ <paramref name="most"/>) where each of the ranks 1..n is in the sum with probability ½.</summary>
    private static double RankSumCdf(int n, int most)
    {
        double[] probability = new double[most + 1];
        probability[0] = 1;
        for (int rank = 1; rank <= n; rank++)
            for (int sum = most; sum >= 0; sum--)
                probability[sum] = 0.5 * (probability[sum] + (sum >= rank ? probability[sum - rank] : 0));
        return probability.Sum();
    }
}
