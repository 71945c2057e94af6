using MathNet.Numerics;

namespace Leftover.Evaluation.Statistics;

/// <summary>The rank sum test of Mann &amp; Whitney (1947) of two samples that are not paired.</summary>
/// <param name="U">Pairs (a, b) with a &gt; b, ties half; in [0, n_a·n_b].</param>
/// <param name="P">Two-sided.</param>
public sealed record MannWhitneyTest(double U, double P)
{
    /// <summary>By the normal approximation, its variance corrected for ties.</summary>
    /// <param name="a">At least 1 value.</param>
    /// <param name="b">At least 1 value.</param>
    /// <param name="continuityCorrection">Move U by ½ towards its mean.</param>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not finite.</exception>
    public static MannWhitneyTest Normal(ReadOnlySpan<double> a, ReadOnlySpan<double> b, bool continuityCorrection = true)
    {
        double u = UOf(a, b, out int[] groups);
        double pairs = (double)a.Length * b.Length, n = a.Length + b.Length;
        double ties = groups.Sum(x => (double)x * x * x - x);
        double variance = pairs / 12 * (n + 1 - ties / (n * (n - 1)));
        if (!(variance > 0)) return new MannWhitneyTest(u, 1);   // all values are equal
        double distance = Math.Max(u, pairs - u) - pairs / 2 - (continuityCorrection ? 0.5 : 0);
        return new MannWhitneyTest(u, Math.Min(1, SpecialFunctions.Erfc(distance / Math.Sqrt(2 * variance))));
    }

    /// <summary>By counting all ways to share out the ranks. Time grows with (n_a + n_b)²·n_a·n_b.</summary>
    /// <param name="a">At least 1 value.</param>
    /// <param name="b">At least 1 value.</param>
    /// <exception cref="ArgumentException">Two values are equal: then only the normal form is known; or a sample is empty or holds a value that is not finite.</exception>
    public static MannWhitneyTest Exact(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double u = UOf(a, b, out int[] groups);
        if (groups.Any(x => x > 1)) throw new ArgumentException("The exact Mann-Whitney test needs values without ties; use the normal form, or the permutation test.");

        int least = (int)Math.Min(u, (double)a.Length * b.Length - u);
        return new MannWhitneyTest(u, Math.Min(1, 2 * Cdf(a.Length, b.Length, least)));
    }

    internal static double UOf(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => UOf(a, b, out _);

    private static double UOf(ReadOnlySpan<double> a, ReadOnlySpan<double> b, out int[] groups)
    {
        Descriptive.Check(a, atLeast: 1);
        Descriptive.Check(b, atLeast: 1);
        double[] ranks = Ranks.Of([.. a, .. b], out groups);
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += ranks[i];
        return sum - 0.5 * a.Length * (a.Length + 1);
    }

    /// <summary>P(U ≤ most). The next rank goes to a with probability (what a still lacks) / (what is left), and then adds the b below it to U.</summary>
    private static double Cdf(int countA, int countB, int most)
    {
        double[,] probability = new double[countA + 1, most + 1];   // [ranks that a has, U]
        probability[0, 0] = 1;
        for (int rank = 0; rank < countA + countB; rank++)
        {
            double[,] next = new double[countA + 1, most + 1];
            for (int have = Math.Max(0, rank - countB); have <= Math.Min(countA, rank); have++)
            {
                double toA = (double)(countA - have) / (countA + countB - rank);
                int below = rank - have;
                for (int u = 0; u <= most; u++)
                {
                    if (toA < 1) next[have, u] += (1 - toA) * probability[have, u];
                    if (toA > 0 && u + below <= most) next[have + 1, u + below] += toA * probability[have, u];
                }
            }
            probability = next;
        }
        double sum = 0;
        for (int u = 0; u <= most; u++) sum += probability[countA, u];
        return sum;
    }
}
