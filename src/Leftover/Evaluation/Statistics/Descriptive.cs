namespace Leftover.Evaluation.Statistics;

/// <summary>What one sample of numbers says about itself.</summary>
public static class Descriptive
{
    /// <summary>The mean.</summary>
    /// <exception cref="ArgumentException">No value, or one that is not finite.</exception>
    public static double Mean(ReadOnlySpan<double> values)
    {
        Check(values, atLeast: 1);
        return MeanOf(values);
    }

    /// <summary>The standard deviation with n − 1.</summary>
    /// <exception cref="ArgumentException">Fewer than 2 values, or one that is not finite.</exception>
    public static double StandardDeviation(ReadOnlySpan<double> values)
    {
        Check(values, atLeast: 2);
        return Math.Sqrt(SquaredDeviations(values) / (values.Length - 1));
    }

    /// <summary>The standard error of the mean: standard deviation / √n.</summary>
    /// <exception cref="ArgumentException">Fewer than 2 values, or one that is not finite.</exception>
    public static double StandardError(ReadOnlySpan<double> values) => StandardDeviation(values) / Math.Sqrt(values.Length);

    /// <summary>The median.</summary>
    /// <exception cref="ArgumentException">No value, or one that is not finite.</exception>
    public static double Median(ReadOnlySpan<double> values) => Quantile(values, 0.5);

    /// <summary>The quantile, linear between neighbours.</summary>
    /// <param name="values">The values, in any order.</param>
    /// <param name="share">In [0, 1].</param>
    /// <exception cref="ArgumentException">No value, one that is not finite, or a share outside [0, 1].</exception>
    public static double Quantile(ReadOnlySpan<double> values, double share)
    {
        Check(values, atLeast: 1);
        if (share is not (>= 0 and <= 1)) throw new ArgumentException($"A quantile's share is {share}; it must lie in [0, 1].");
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        return QuantileOfSorted(sorted, share);
    }

    internal static double QuantileOfSorted(ReadOnlySpan<double> sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        if (below >= sorted.Length - 1) return sorted[^1];
        return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
    }

    internal static double MeanOf(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum / values.Length;
    }

    internal static double SquaredDeviations(ReadOnlySpan<double> values)
    {
        double mean = MeanOf(values), sum = 0;
        foreach (double value in values) sum += (value - mean) * (value - mean);
        return sum;
    }

    internal static void Check(ReadOnlySpan<double> values, int atLeast)
    {
        if (values.Length < atLeast) throw new ArgumentException($"{values.Length} value(s) are given; at least {atLeast} are needed.");
        for (int i = 0; i < values.Length; i++)
            if (!double.IsFinite(values[i])) throw new ArgumentException($"Value {i} is {values[i]}; all values must be finite.");
    }
}
