namespace Leftover.Evaluation.Statistics;

/// <summary>Student's t test of two samples that are not paired.</summary>
/// <param name="MeanDifference">The mean of a less that of b.</param>
/// <param name="T">The difference in its standard errors; 0 where there is none, infinite where the samples are constant and differ.</param>
/// <param name="DegreesOfFreedom">Of t; a fraction for Welch's.</param>
/// <param name="P">Two-sided.</param>
/// <param name="StandardError">Of the difference.</param>
public sealed record UnpairedTTest(double MeanDifference, double T, double DegreesOfFreedom, double P, double StandardError)
{
    /// <summary>Student's: both samples have one variance.</summary>
    /// <param name="a">At least 2 values.</param>
    /// <param name="b">At least 2 values.</param>
    /// <exception cref="ArgumentException">A sample is too short or holds a value that is not finite.</exception>
    public static UnpairedTTest Student(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Check(a, b);
        double freedom = a.Length + b.Length - 2;
        double variance = (Descriptive.SquaredDeviations(a) + Descriptive.SquaredDeviations(b)) / freedom;
        return Of(a, b, Math.Sqrt(variance * (1.0 / a.Length + 1.0 / b.Length)), freedom);
    }

    /// <summary>Welch's (1947): each sample has its own variance; degrees of freedom by Satterthwaite.</summary>
    /// <param name="a">At least 2 values.</param>
    /// <param name="b">At least 2 values.</param>
    /// <exception cref="ArgumentException">A sample is too short or holds a value that is not finite.</exception>
    public static UnpairedTTest Welch(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Check(a, b);
        double errorA = Descriptive.SquaredDeviations(a) / (a.Length - 1) / a.Length, errorB = Descriptive.SquaredDeviations(b) / (b.Length - 1) / b.Length;
        double sum = errorA + errorB;
        double freedom = sum == 0 ? a.Length + b.Length - 2 : sum * sum / (errorA * errorA / (a.Length - 1) + errorB * errorB / (b.Length - 1));
        return Of(a, b, Math.Sqrt(sum), freedom);
    }

    /// <summary>The interval of the difference of the means.</summary>
    /// <exception cref="ArgumentException">The confidence lies outside (0, 1).</exception>
    public Interval Interval(double confidence)
    {
        MeanIntervals.CheckConfidence(confidence);
        double half = StandardError * StudentT.TwoSidedQuantile(1 - confidence, DegreesOfFreedom);
        return new Interval(MeanDifference, MeanDifference - half, MeanDifference + half, confidence);
    }

    private static UnpairedTTest Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double error, double freedom)
    {
        double difference = Descriptive.MeanOf(a) - Descriptive.MeanOf(b);
        double t = difference == 0 ? 0 : difference / error;
        return new UnpairedTTest(difference, t, freedom, Math.Min(1, 2 * StudentT.UpperTail(Math.Abs(t), freedom)), error);
    }

    private static void Check(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Descriptive.Check(a, atLeast: 2);
        Descriptive.Check(b, atLeast: 2);
    }
}
