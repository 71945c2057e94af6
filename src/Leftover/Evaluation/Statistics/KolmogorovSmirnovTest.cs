namespace Leftover.Evaluation.Statistics;

/// <summary>The Kolmogorov-Smirnov test of two samples: are they of one distribution?</summary>
/// <param name="Statistic">The largest distance of the two empirical distribution functions, in [0, 1].</param>
/// <param name="P">Two-sided and exact without ties; with ties too large.</param>
public sealed record KolmogorovSmirnovTest(double Statistic, double P)
{
    /// <summary>Tests samples that are not paired. Time grows with n_a·n_b.</summary>
    /// <param name="a">At least 1 value.</param>
    /// <param name="b">At least 1 value.</param>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not finite.</exception>
    public static KolmogorovSmirnovTest Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Descriptive.Check(a, atLeast: 1);
        Descriptive.Check(b, atLeast: 1);
        double[] sortedA = a.ToArray(), sortedB = b.ToArray();
        Array.Sort(sortedA);
        Array.Sort(sortedB);
        long largest = 0;   // |i·n_b − j·n_a|: the distance times n_a·n_b, in whole numbers
        for (int i = 0, j = 0; i < sortedA.Length && j < sortedB.Length;)
        {
            double at = Math.Min(sortedA[i], sortedB[j]);
            while (i < sortedA.Length && sortedA[i] == at) i++;
            while (j < sortedB.Length && sortedB[j] == at) j++;
            largest = Math.Max(largest, Distance(i, j, a.Length, b.Length));
        }
        return new KolmogorovSmirnovTest(largest / ((double)a.Length * b.Length), largest == 0 ? 1 : AtLeast(largest, a.Length, b.Length));
    }

    private static long Distance(long i, long j, long countA, long countB) => Math.Abs(i * countB - j * countA);

    /// <summary>The probability that a walk from (0, 0) to (n_a, n_b), all walks alike, comes as far from the diagonal.</summary>
    private static double AtLeast(long distance, int countA, int countB)
    {
        double[] inside = new double[countB + 1];   // at (i, j), never yet as far
        double outside = 0;
        for (int i = 0; i <= countA; i++)
            for (int j = 0; j <= countB; j++)
            {
                double here = i == 0 && j == 0 ? 1 : 0;
                if (i > 0) here += inside[j] * (countA - i + 1) / (countA - i + 1 + countB - j);
                if (j > 0) here += inside[j - 1] * (countB - j + 1) / (countA - i + countB - j + 1);
                bool far = Distance(i, j, countA, countB) >= distance;
                if (far) outside += here;
                inside[j] = far ? 0 : here;
            }
        return Math.Min(1, outside);
    }
}
