namespace Leftover.Algorithms;

/// <summary>Mean and variance of all scores so far, joined batch by batch.</summary>
/// <remarks>Chan, Golub &amp; LeVeque 1979. The mean begins at 0, the variance at 1, and both count for almost nothing.</remarks>
/// <param name="Mean">The mean.</param>
/// <param name="Variance">The variance over n.</param>
/// <param name="Count">How many numbers there were.</param>
public sealed record RunningMoments(double Mean = 0, double Variance = 1, double Count = 1e-24)
{
    private const double Nothing = 1e-24;                    // where a single number leaves no freedom

    /// <summary>The standard deviation, unbiased; 0 of a single number.</summary>
    public double Deviation => Math.Sqrt(Variance * Count / Math.Max(Count - 1, Nothing));

    /// <summary>The moments with more numbers.</summary>
    public RunningMoments With(ReadOnlySpan<double> numbers)
    {
        double mean = 0, squares = 0;
        foreach (double x in numbers) mean += x / numbers.Length;
        foreach (double x in numbers) squares += (x - mean) * (x - mean);
        double all = Count + numbers.Length, distance = mean - Mean;
        double sum = Variance * Count + squares + distance * distance * Count * numbers.Length / all;
        return new RunningMoments(Mean + distance * numbers.Length / all, sum / all, all);
    }
}
