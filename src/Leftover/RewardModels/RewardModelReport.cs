using Leftover.Evaluation;
using Leftover.Evaluation.Classification;
using Leftover.Evaluation.Statistics;
using Leftover.Tensors;

namespace Leftover.RewardModels;

/// <summary>How a reward model does on held-out rows, beside the baselines; its intervals are over prompts.</summary>
public sealed record RewardModelReport
{
    /// <summary>The confidence of all intervals.</summary>
    public const double Confidence = 0.95;

    private const int Resamples = 2000;

    /// <summary>What was learnt.</summary>
    public required string Task { get; init; }

    /// <summary>The model's labels.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Texts or pairs it learnt from.</summary>
    public required int TrainItems { get; init; }

    /// <summary>Texts or pairs it is measured on.</summary>
    public required int HeldOutItems { get; init; }

    /// <summary>Different prompts among them.</summary>
    public required int HeldOutPrompts { get; init; }

    /// <summary>The measure that counts.</summary>
    public required string MainMetric { get; init; }

    /// <summary>The reward model, then the baselines.</summary>
    public required IReadOnlyList<PredictorResult> Predictors { get; init; }

    /// <summary>How much higher the reward model's main measure is than each baseline's, prompt by prompt.</summary>
    public required IReadOnlyDictionary<string, Estimate> Gains { get; init; }

    /// <summary>What the reward model predicted and what was so.</summary>
    public required IReadOnlyList<ReliabilityBin> Reliability { get; init; }

    /// <summary>Measures predictions.</summary>
    /// <param name="objective">What was learnt.</param>
    /// <param name="trainItems">Items it was learnt from.</param>
    /// <param name="items">The held-out items; at least two prompts.</param>
    /// <param name="model">The reward model's predictions.</param>
    /// <param name="baselines">The baselines'.</param>
    /// <param name="seed">The resamples follow from it.</param>
    internal static RewardModelReport Of(
        RewardObjective objective, int trainItems, IReadOnlyList<RewardItem> items, double[][] model, IReadOnlyList<(string Name, double[][] Predictions)> baselines, long seed)
    {
        (string Name, IReadOnlyList<HeldOutMetric> Metrics)[] predictors =
            [("reward model", HeldOutMetrics.Of(objective, items, model)), .. baselines.Select(baseline => (baseline.Name, HeldOutMetrics.Of(objective, items, baseline.Predictions)))];
        int[] all = [.. Enumerable.Range(0, items.Count)];
        int[][] prompts = [.. all.GroupBy(i => items[i].Example.Group, StringComparer.Ordinal).Select(rows => rows.ToArray())];

        // values[predictor][metric][resample]
        double[][][] values = [.. predictors.Select(predictor => predictor.Metrics.Select(_ => new double[Resamples]).ToArray())];
        Parallel.For(0, Resamples, r =>
        {
            int[] rows = Draw(prompts, new RandomStream(seed, "reward model intervals", r));
            for (int p = 0; p < predictors.Length; p++)
                for (int m = 0; m < values[p].Length; m++) values[p][m][r] = predictors[p].Metrics[m].Of(rows);
        });
        HeldOutMetric main = predictors[0].Metrics[0];
        return new RewardModelReport
        {
            Task = objective switch { PreferenceObjective => "preference", RegressionObjective => "regression", _ => "classification" },
            Labels = objective.Labels,
            TrainItems = trainItems,
            HeldOutItems = items.Count,
            HeldOutPrompts = prompts.Length,
            MainMetric = main.Name,
            Predictors = [.. predictors.Select((predictor, p) => new PredictorResult(predictor.Name, predictor.Metrics.Select((metric, m) => (metric.Name, Interval: Around(metric.Of(all), values[p][m])))
                .ToDictionary(pair => pair.Name, pair => pair.Interval)))],
            Gains = predictors.Skip(1).Select((predictor, b) => (predictor.Name, Interval: Around(main.Of(all) - predictor.Metrics[0].Of(all), [.. values[0][0].Zip(values[b + 1][0], (x, y) => x - y)])))
                .ToDictionary(pair => pair.Name, pair => pair.Interval),
            Reliability = HeldOutMetrics.Reliability(objective, items, model),
        };
    }

    // Prompts are drawn with replacement, each with all its items.
    private static int[] Draw(int[][] prompts, RandomStream random) => [.. Enumerable.Range(0, prompts.Length).SelectMany(_ => prompts[random.Next(prompts.Length)])];

    private static Estimate Around(double value, double[] resampled)
    {
        double[] finite = [.. resampled.Where(double.IsFinite)];
        return finite.Length == 0 ? new Estimate(value, double.NaN, double.NaN)
            : new Estimate(value, Descriptive.Quantile(finite, (1 - Confidence) / 2), Descriptive.Quantile(finite, (1 + Confidence) / 2));
    }
}

/// <summary>One predictor's measures.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Metrics">Each measure with its interval; NaN where it has no value.</param>
public sealed record PredictorResult(string Name, IReadOnlyDictionary<string, Estimate> Metrics);
