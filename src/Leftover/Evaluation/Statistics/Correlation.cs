using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Leftover.Evaluation.Statistics;

/// <summary>How two columns go together.</summary>
/// <param name="Coefficient">In [−1, 1].</param>
/// <param name="P">Two-sided, against no relation.</param>
public sealed record Correlation(double Coefficient, double P)
{
    /// <summary>The most rows without ties for which <see cref="KendallTauB"/> counts all orders.</summary>
    public const int KendallExactLimit = 33;

    /// <summary>Pearson's r: the cosine of the centred columns. p from t = r·√((n − 2)/(1 − r²)) with n − 2 degrees of freedom.</summary>
    /// <param name="a">At least 3 values, not all the same.</param>
    /// <param name="b">As many, in the same order.</param>
    /// <exception cref="ArgumentException">The columns differ in length, are too short or constant, or hold a value that is not finite.</exception>
    public static Correlation Pearson(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Check(a, b);
        double r = Coefficients(a, b);
        double freedom = a.Length - 2;
        double t = Math.Abs(r) >= 1 ? double.PositiveInfinity : Math.Abs(r) * Math.Sqrt(freedom / ((1 - r) * (1 + r)));
        return new Correlation(r, Math.Min(1, 2 * StudentT.UpperTail(t, freedom)));
    }

    /// <summary>The interval of Pearson's r by Fisher's transform: tanh(artanh r ± z/√(n − 3)).</summary>
    /// <param name="a">At least 4 values, not all the same.</param>
    /// <param name="b">As many, in the same order.</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <exception cref="ArgumentException">As for <see cref="Pearson"/>; or the confidence lies outside (0, 1).</exception>
    public static Interval PearsonInterval(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double confidence)
    {
        Check(a, b, atLeast: 4);
        MeanIntervals.CheckConfidence(confidence);
        double r = Coefficients(a, b);
        double half = -Normal.InvCDF(0, 1, (1 - confidence) / 2) / Math.Sqrt(a.Length - 3);
        return new Interval(r, Math.Tanh(Math.Atanh(r) - half), Math.Tanh(Math.Atanh(r) + half), confidence);
    }

    /// <summary>Spearman's ρ: Pearson's r of the ranks, equal values sharing their mean rank; p as for r.</summary>
    /// <param name="a">At least 3 values, not all the same.</param>
    /// <param name="b">As many, in the same order.</param>
    /// <exception cref="ArgumentException">As for <see cref="Pearson"/>.</exception>
    public static Correlation Spearman(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Check(a, b);
        return Pearson(Ranks.Of(a), Ranks.Of(b));
    }

    /// <summary>Kendall's τ_b: (concordant − discordant pairs) / √(pairs that differ in a · pairs that differ in b). Its time grows with n².</summary>
    /// <remarks>p is exact up to <see cref="KendallExactLimit"/> rows without ties, by counting inversions; else normal, its variance corrected for ties (Kendall 1970).</remarks>
    /// <param name="a">At least 3 values, not all the same.</param>
    /// <param name="b">As many, in the same order.</param>
    /// <exception cref="ArgumentException">As for <see cref="Pearson"/>.</exception>
    public static Correlation KendallTauB(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Check(a, b);
        long concordant = 0, discordant = 0;
        for (int i = 0; i < a.Length; i++)
            for (int j = 0; j < i; j++)
            {
                int sign = Math.Sign(a[i] - a[j]) * Math.Sign(b[i] - b[j]);
                if (sign > 0) concordant++;
                if (sign < 0) discordant++;
            }

        Ranks.Of(a, out int[] groupsA);
        Ranks.Of(b, out int[] groupsB);
        double pairs = 0.5 * a.Length * (a.Length - 1), tiesA = TiedPairs(groupsA), tiesB = TiedPairs(groupsB);
        double tau = (concordant - discordant) / Math.Sqrt((pairs - tiesA) * (pairs - tiesB));
        double p = tiesA + tiesB == 0 && a.Length <= KendallExactLimit
            ? ExactKendallP(a.Length, (int)Math.Min(concordant, discordant))
            : NormalKendallP(a.Length, concordant - discordant, groupsA, groupsB);
        return new Correlation(tau, p);
    }

    /// <summary>P of as few inversions or as few in the reversed order, where all n! orders are equally likely.</summary>
    private static double ExactKendallP(int n, int inversions)
    {
        double[] probability = new double[inversions + 1];
        probability[0] = 1;
        for (int count = 2; count <= n; count++)
        {
            // The count-th value brings 0 … count − 1 inversions, each with probability 1/count.
            double[] next = new double[inversions + 1];
            for (int have = 0; have <= inversions; have++)
                for (int more = 0; more < count && have + more <= inversions; more++)
                    next[have + more] += probability[have] / count;
            probability = next;
        }
        return Math.Min(1, 2 * probability.Sum());
    }

    private static double NormalKendallP(double n, double difference, int[] groupsA, int[] groupsB)
    {
        double orders = n * (n - 1);
        double variance = (orders * (2 * n + 5) - Sum(groupsA, x => x * (x - 1) * (2 * x + 5)) - Sum(groupsB, x => x * (x - 1) * (2 * x + 5))) / 18
            + 2 * TiedPairs(groupsA) * TiedPairs(groupsB) / orders
            + Sum(groupsA, x => x * (x - 1) * (x - 2)) * Sum(groupsB, x => x * (x - 1) * (x - 2)) / (9 * orders * (n - 2));
        return SpecialFunctions.Erfc(Math.Abs(difference) / Math.Sqrt(2 * variance));
    }

    private static double TiedPairs(int[] groups) => Sum(groups, x => x * (x - 1) / 2);

    private static double Sum(int[] groups, Func<double, double> term) => groups.Sum(x => term(x));

    private static double Coefficients(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double meanA = Descriptive.MeanOf(a), meanB = Descriptive.MeanOf(b), product = 0;
        for (int i = 0; i < a.Length; i++) product += (a[i] - meanA) * (b[i] - meanB);
        return Math.Clamp(product / (Math.Sqrt(Descriptive.SquaredDeviations(a)) * Math.Sqrt(Descriptive.SquaredDeviations(b))), -1, 1);
    }

    private static void Check(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int atLeast = 3)
    {
        Pairs.Check(a, b, atLeast);
        if (IsConstant(a) || IsConstant(b)) throw new ArgumentException("A column has the same value in all rows; it has no correlation with another.");
    }

    /// <summary>All values are the same, so there is no correlation to speak of.</summary>
    internal static bool IsConstant(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
            if (value != values[0]) return false;
        return true;
    }
}
