using Leftover.Tensors;

namespace Leftover.Evaluation.Statistics;

/// <summary>One number for many runs on many tasks (Agarwal et al. 2021, "Deep RL at the edge of the statistical precipice"). Scores are [runs][tasks].</summary>
public static class Aggregates
{
    /// <summary>The interquartile mean: the mean once the ⌊n/4⌋ lowest and as many of the highest are cut.</summary>
    /// <param name="values">At least 1, in any order.</param>
    /// <exception cref="ArgumentException">No value, or one that is not finite.</exception>
    public static double InterquartileMean(ReadOnlySpan<double> values)
    {
        Descriptive.Check(values, atLeast: 1);
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        int cut = sorted.Length / 4;
        return Descriptive.MeanOf(sorted.AsSpan(cut, sorted.Length - 2 * cut));
    }

    /// <summary>The interquartile mean over all runs and tasks together.</summary>
    /// <param name="scores">[runs][tasks].</param>
    /// <exception cref="ArgumentException">There is no score, one is not finite, or runs differ in their tasks.</exception>
    public static double InterquartileMean(double[][] scores) => InterquartileMean(All(scores));

    /// <summary>The median over tasks of each task's mean over runs.</summary>
    /// <param name="scores">[runs][tasks].</param>
    /// <exception cref="ArgumentException">There is no score, one is not finite, or runs differ in their tasks.</exception>
    public static double MedianOfTaskMeans(double[][] scores)
    {
        Check(scores);
        return Descriptive.Median([.. Enumerable.Range(0, scores[0].Length).Select(task => scores.Average(run => run[task]))]);
    }

    /// <summary>The mean of max(0, target − score): how far runs fall short, excess not counted.</summary>
    /// <param name="scores">[runs][tasks].</param>
    /// <param name="target">The score that is enough.</param>
    /// <exception cref="ArgumentException">There is no score, one is not finite, or runs differ in their tasks.</exception>
    public static double OptimalityGap(double[][] scores, double target = 1) => All(scores).Average(x => Math.Max(0, target - x));

    /// <summary>The share of scores above each threshold.</summary>
    /// <param name="scores">[runs][tasks].</param>
    /// <param name="thresholds">In any order.</param>
    /// <exception cref="ArgumentException">There is no score, one is not finite, or runs differ in their tasks.</exception>
    public static double[] PerformanceProfile(double[][] scores, ReadOnlySpan<double> thresholds)
    {
        double[] all = All(scores), shares = new double[thresholds.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            double threshold = thresholds[i];
            shares[i] = (double)all.Count(x => x > threshold) / all.Length;
        }
        return shares;
    }

    /// <summary>By task, the probability that a run of a beats one of b, ties half; their mean is the probability of improvement.</summary>
    /// <param name="a">[runs][tasks].</param>
    /// <param name="b">[runs][tasks], of the same tasks.</param>
    /// <exception cref="ArgumentException">There is no score, one is not finite, or runs differ in their tasks.</exception>
    public static double[] ProbabilityOfImprovement(double[][] a, double[][] b)
    {
        Check(a);
        Check(b);
        if (a[0].Length != b[0].Length) throw new ArgumentException($"a has {a[0].Length} tasks and b {b[0].Length}; both need the same ones.");
        return [.. Enumerable.Range(0, a[0].Length).Select(task => EffectSizes.ProbabilityOfImprovement([.. a.Select(x => x[task])], [.. b.Select(x => x[task])]))];
    }

    /// <summary>The percentile interval of a statistic where the runs of each task are drawn anew, with replacement (the stratified bootstrap).</summary>
    /// <param name="scores">[runs][tasks].</param>
    /// <param name="statistic">Of all scores together, in any order.</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="random">What resamples are drawn from.</param>
    /// <param name="resamples">How many.</param>
    /// <exception cref="ArgumentException">There is no score, one is not finite, or runs differ in their tasks; or the confidence lies outside (0, 1).</exception>
    public static Interval StratifiedBootstrap(
        double[][] scores, Func<double[], double> statistic, double confidence, RandomStream random, int resamples = MeanBootstrap.DefaultResamples)
    {
        MeanIntervals.CheckConfidence(confidence);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        double[] all = All(scores), drawn = new double[all.Length], results = new double[resamples];
        int tasks = scores[0].Length;
        for (int resample = 0; resample < resamples; resample++)
        {
            for (int i = 0; i < drawn.Length; i++) drawn[i] = all[random.Next(scores.Length) * tasks + i % tasks];
            results[resample] = statistic(drawn);
        }
        Array.Sort(results);
        return new Interval(
            statistic(all), Descriptive.QuantileOfSorted(results, (1 - confidence) / 2), Descriptive.QuantileOfSorted(results, (1 + confidence) / 2), confidence);
    }

    /// <summary>Run by run, task by task.</summary>
    private static double[] All(double[][] scores)
    {
        Check(scores);
        return [.. scores.SelectMany(x => x)];
    }

    internal static void Check(double[][] scores)
    {
        if (scores.Length == 0 || scores[0].Length == 0) throw new ArgumentException("There is no score; at least one run on one task is needed.");
        foreach (double[] run in scores)
        {
            if (run.Length != scores[0].Length) throw new ArgumentException($"One run has {scores[0].Length} scores, another {run.Length}; all runs need the same tasks.");
            Descriptive.Check(run, atLeast: 1);
        }
    }
}
