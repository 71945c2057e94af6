using Leftover.Evaluation.Classification;

namespace Leftover.RewardModels;

/// <summary>One measure of predictions on held-out items.</summary>
/// <param name="Name">Its name in results.</param>
/// <param name="Of">Its value on some of the items, by their numbers; NaN where it has none there.</param>
internal sealed record HeldOutMetric(string Name, Func<int[], double> Of);

/// <summary>The measures of each task, the one that counts first.</summary>
internal static class HeldOutMetrics
{
    /// <summary>Bins of reliability tables.</summary>
    public const int Bins = 10;

    /// <summary>The measures of some predictions.</summary>
    /// <param name="objective">What was learnt.</param>
    /// <param name="items">The held-out items.</param>
    /// <param name="predictions">What was predicted of each, as <see cref="RewardObjective.Predict"/> has it.</param>
    public static IReadOnlyList<HeldOutMetric> Of(RewardObjective objective, IReadOnlyList<RewardItem> items, double[][] predictions) => objective switch
    {
        PreferenceObjective => Preference(predictions),
        RegressionObjective => Regression([.. items.Select(item => item.Target)], [.. predictions.Select(one => one[0])]),
        _ => Classification(objective.Labels.Count, [.. items.Select(item => item.Label)], predictions),
    };

    /// <summary>Rows of about equal predictions, and what became of them.</summary>
    public static IReadOnlyList<ReliabilityBin> Reliability(RewardObjective objective, IReadOnlyList<RewardItem> items, double[][] predictions)
    {
        if (objective is RegressionObjective) return ByValue([.. items.Select(item => item.Target)], [.. predictions.Select(one => one[0])]);
        (double[] probabilities, bool[] right) = objective is PreferenceObjective
            ? (Confidences(predictions), Rightness(predictions))
            : Claims(objective.Labels.Count, [.. items.Select(item => item.Label)], predictions);
        return Calibration.Table(probabilities, right, Bins);
    }

    private static IReadOnlyList<HeldOutMetric> Preference(double[][] scores)
    {
        double[] margins = [.. scores.Select(pair => pair[0] - pair[1])], confidences = Confidences(scores);
        bool[] right = Rightness(scores);
        return
        [
            new("accuracy", rows => PairMetrics.Accuracy(Pick(margins, rows))),
            new("auc", rows => ClassifierMetrics.Auc([.. rows.Select(i => scores[i][0]), .. rows.Select(i => scores[i][1])], [.. rows.Select(_ => true), .. rows.Select(_ => false)])),
            new("log_loss", rows => -PairMetrics.LogLikelihood(Pick(margins, rows))),
            new("mean_margin", rows => Pick(margins, rows).Average()),
            new("ece", rows => Calibration.Expected(Calibration.Table(Pick(confidences, rows), Pick(right, rows), Bins))),
        ];
    }

    private static IReadOnlyList<HeldOutMetric> Classification(int classes, int[] labels, double[][] probabilities)
    {
        int[] predicted = [.. probabilities.Select(Likeliest)];
        (double[] claims, bool[] right) = Claims(classes, labels, probabilities);
        List<HeldOutMetric> metrics =
        [
            new("auc", rows => MeanAuc(classes, labels, probabilities, rows)),
            new("accuracy", rows => ClassifierMetrics.Accuracy(Pick(predicted, rows), Pick(labels, rows))),
            new("mcc", rows => ClassifierMetrics.Matthews(Pick(predicted, rows), Pick(labels, rows))),
            new("log_loss", rows => ClassifierMetrics.LogLoss([.. rows.Select(i => probabilities[i][labels[i]])])),
            new("ece", rows => Calibration.Expected(Calibration.Table(Pick(claims, rows), Pick(right, rows), Bins))),
        ];
        if (classes > 2) return metrics;
        double[] positive = [.. probabilities.Select(one => one[1])];
        metrics.Add(new("average_precision", rows => ClassifierMetrics.AveragePrecision(Pick(positive, rows), [.. rows.Select(i => labels[i] == 1)])));
        metrics.Add(new("brier", rows => ClassifierMetrics.Brier(Pick(positive, rows), [.. rows.Select(i => labels[i] == 1)])));
        return metrics;
    }

    private static IReadOnlyList<HeldOutMetric> Regression(double[] truth, double[] predicted) =>
    [
        new("pearson", rows => RegressionMetrics.Pearson(Pick(predicted, rows), Pick(truth, rows))),
        new("spearman", rows => RegressionMetrics.Spearman(Pick(predicted, rows), Pick(truth, rows))),
        new("rmse", rows => RegressionMetrics.RootMeanSquaredError(Pick(predicted, rows), Pick(truth, rows))),
        new("mae", rows => RegressionMetrics.MeanAbsoluteError(Pick(predicted, rows), Pick(truth, rows))),
        new("r2", rows => RegressionMetrics.RSquared(Pick(predicted, rows), Pick(truth, rows))),
    ];

    // Of two classes the second one's; of more the mean over each against the rest.
    private static double MeanAuc(int classes, int[] labels, double[][] probabilities, int[] rows)
    {
        double[] each = [.. Enumerable.Range(classes == 2 ? 1 : 0, classes == 2 ? 1 : classes)
            .Select(label => ClassifierMetrics.Auc([.. rows.Select(i => probabilities[i][label])], [.. rows.Select(i => labels[i] == label)]))];
        return each.Average();
    }

    // What is claimed of a text and whether it is so: of two classes that it is of the second, of more that it is of the likeliest.
    private static (double[] Claims, bool[] Right) Claims(int classes, int[] labels, double[][] probabilities) => classes == 2
        ? ([.. probabilities.Select(one => one[1])], [.. labels.Select(label => label == 1)])
        : ([.. probabilities.Select(one => one.Max())], [.. probabilities.Select((one, i) => Likeliest(one) == labels[i])]);

    // A pair's order is known, so the claim is that the answer with the higher score is the chosen one.
    private static double[] Confidences(double[][] scores) => [.. scores.Select(pair => 1 / (1 + Math.Exp(-Math.Abs(pair[0] - pair[1]))))];

    private static bool[] Rightness(double[][] scores) => [.. scores.Select(pair => pair[0] > pair[1])];

    private static IReadOnlyList<ReliabilityBin> ByValue(double[] truth, double[] predicted)
    {
        int[] order = [.. Enumerable.Range(0, truth.Length).OrderBy(i => predicted[i])];
        return [.. order.Chunk(Math.Max(1, (order.Length + Bins - 1) / Bins))
            .Select(rows => new ReliabilityBin(predicted[rows[0]], predicted[rows[^1]], rows.Length, Pick(predicted, rows).Average(), Pick(truth, rows).Average()))];
    }

    private static int Likeliest(double[] probabilities) => Array.IndexOf(probabilities, probabilities.Max());

    private static T[] Pick<T>(T[] values, int[] rows) => Array.ConvertAll(rows, i => values[i]);
}
