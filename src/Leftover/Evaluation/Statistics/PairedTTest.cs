namespace Leftover.Evaluation.Statistics;

/// <summary>Student's t test of the differences of paired samples.</summary>
/// <param name="MeanDifference">The mean of a − b.</param>
/// <param name="T">The mean difference in standard errors; 0 where all differences are 0.</param>
/// <param name="DegreesOfFreedom">n − 1.</param>
/// <param name="P">Two-sided.</param>
/// <param name="PGreater">Against the alternative that a is greater.</param>
/// <param name="StandardError">Of the mean difference.</param>
/// <param name="EffectSize">Cohen's d_z: the mean difference in standard deviations of the differences; 0 where all are 0.</param>
public sealed record PairedTTest(double MeanDifference, double T, int DegreesOfFreedom, double P, double PGreater, double StandardError, double EffectSize)
{
    /// <summary>Tests paired samples.</summary>
    /// <param name="a">One value a pair; at least 2.</param>
    /// <param name="b">The other values, in the same order.</param>
    /// <exception cref="ArgumentException">The samples differ in length, are too short, or hold a value that is not finite.</exception>
    public static PairedTTest Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double[] differences = Pairs.Differences(a, b, atLeast: 2);
        double mean = Descriptive.MeanOf(differences);
        double deviation = Descriptive.StandardDeviation(differences);
        double effect = mean == 0 ? 0 : mean / deviation;
        double t = effect * Math.Sqrt(differences.Length);
        int freedom = differences.Length - 1;
        double p = Math.Min(1, 2 * StudentT.UpperTail(Math.Abs(t), freedom));
        return new PairedTTest(mean, t, freedom, p, StudentT.UpperTail(t, freedom), deviation / Math.Sqrt(differences.Length), effect);
    }

    /// <summary>The interval of the mean difference.</summary>
    /// <exception cref="ArgumentException">The confidence lies outside (0, 1).</exception>
    public Interval Interval(double confidence)
    {
        MeanIntervals.CheckConfidence(confidence);
        double half = StandardError * StudentT.TwoSidedQuantile(1 - confidence, DegreesOfFreedom);
        return new Interval(MeanDifference, MeanDifference - half, MeanDifference + half, confidence);
    }
}
