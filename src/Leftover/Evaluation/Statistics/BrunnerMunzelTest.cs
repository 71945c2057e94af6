namespace Leftover.Evaluation.Statistics;

/// <summary>The test of Brunner &amp; Munzel (2000): is P(a &gt; b) + ½·P(a = b) one half, whatever the spreads?</summary>
/// <param name="Statistic">Negative where a tends to be greater.</param>
/// <param name="DegreesOfFreedom">Of the t distribution it is held against, by Satterthwaite.</param>
/// <param name="P">Two-sided.</param>
public sealed record BrunnerMunzelTest(double Statistic, double DegreesOfFreedom, double P)
{
    /// <summary>Tests samples that are not paired.</summary>
    /// <param name="a">At least 2 values.</param>
    /// <param name="b">At least 2 values.</param>
    /// <exception cref="ArgumentException">A sample is too short or holds a value that is not finite.</exception>
    public static BrunnerMunzelTest Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Descriptive.Check(a, atLeast: 2);
        Descriptive.Check(b, atLeast: 2);
        double[] ranks = Ranks.Of([.. a, .. b]);
        double[] ranksA = ranks[..a.Length], ranksB = ranks[a.Length..];
        double meanA = Descriptive.MeanOf(ranksA), meanB = Descriptive.MeanOf(ranksB);
        double spreadA = a.Length * Placements(ranksA, Ranks.Of(a)), spreadB = b.Length * Placements(ranksB, Ranks.Of(b));

        double sum = spreadA + spreadB;
        double statistic = meanA == meanB ? 0 : (double)a.Length * b.Length * (meanB - meanA) / ((a.Length + b.Length) * Math.Sqrt(sum));
        double freedom = sum == 0 ? a.Length + b.Length - 2 : sum * sum / (spreadA * spreadA / (a.Length - 1) + spreadB * spreadB / (b.Length - 1));
        return new BrunnerMunzelTest(statistic, freedom, Math.Min(1, 2 * StudentT.UpperTail(Math.Abs(statistic), freedom)));
    }

    /// <summary>The variance of (rank among all − rank in its own sample).</summary>
    private static double Placements(double[] among, double[] within) =>
        Descriptive.SquaredDeviations([.. among.Zip(within, (x, y) => x - y)]) / (among.Length - 1);
}
