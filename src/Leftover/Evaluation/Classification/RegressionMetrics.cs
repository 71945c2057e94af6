namespace Leftover.Evaluation.Classification;

/// <summary>How near predicted values come to the true ones.</summary>
public static class RegressionMetrics
{
    /// <summary>The root of the mean squared error, in the values' own unit.</summary>
    public static double RootMeanSquaredError(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth) => Math.Sqrt(SquaredError(predicted, truth) / predicted.Length);

    /// <summary>The mean absolute error, in the values' own unit.</summary>
    public static double MeanAbsoluteError(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth)
    {
        double sum = 0;
        for (int i = 0; i < predicted.Length; i++) sum += Math.Abs(predicted[i] - truth[i]);
        return sum / predicted.Length;
    }

    /// <summary>1 − squared error over the truth's own spread; 0 is as good as its mean. NaN where the truth never changes.</summary>
    public static double RSquared(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth)
    {
        double spread = Moments(truth, truth);
        return spread == 0 ? double.NaN : 1 - SquaredError(predicted, truth) / spread;
    }

    /// <summary>Pearson's correlation; NaN where one of the two never changes.</summary>
    public static double Pearson(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double spread = Math.Sqrt(Moments(a, a) * Moments(b, b));
        return spread == 0 ? double.NaN : Moments(a, b) / spread;
    }

    /// <summary>Spearman's correlation: Pearson's of the ranks, equal values sharing theirs.</summary>
    public static double Spearman(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => Pearson(Ranks.Average(a), Ranks.Average(b));

    private static double SquaredError(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth)
    {
        double sum = 0;
        for (int i = 0; i < predicted.Length; i++) sum += (predicted[i] - truth[i]) * (predicted[i] - truth[i]);
        return sum;
    }

    private static double Moments(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double meanA = Mean(a), meanB = Mean(b), sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
        return sum;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum / values.Length;
    }
}
