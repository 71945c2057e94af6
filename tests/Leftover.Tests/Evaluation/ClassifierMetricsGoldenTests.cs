using System.Text.Json;
using Leftover.Evaluation.Classification;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Evaluation;

/// <summary>Scores against labels, and pairs of scores, as scikit-learn judges them.</summary>
[Trait("Category", "Golden")]
public class ClassifierMetricsGoldenTests
{
    private const string File = "rewards/classifier_metrics.json";

    public static TheoryData<int, string> Cases() => GoldenCases.Of(File);

    [GoldenTheory(File), MemberData(nameof(Cases))]
    public void Every_metric_is_that_of_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(File, index);
        bool isPair = golden.TryGetProperty("chosen", out _);
        foreach (JsonProperty property in golden.GetProperty("expected").EnumerateObject())
            GoldenCases.Within(property.Value.GetDouble(), isPair ? OfPairs(golden, property.Name) : OfRows(golden, property.Name), 1e-9, $"{name}: {property.Name}");
    }

    [Fact]
    public void Matthews_correlation_is_1_for_the_truth_0_for_one_class_and_minus_1_for_its_opposite()
    {
        int[] truth = [0, 1, 1, 0, 1];
        Assert.Equal(1, ClassifierMetrics.Matthews(truth, truth), 12);
        Assert.Equal(-1, ClassifierMetrics.Matthews([1, 0, 0, 1, 0], truth), 12);
        Assert.Equal(0, ClassifierMetrics.Matthews([1, 1, 1, 1, 1], truth));

        // 3 hits, 1 miss and 1 false alarm of 3 + 3: (3·2 − 1·0)/… by the 2 × 2 formula with TP 3, TN 1, FP 1, FN 1.
        double expected = (3.0 * 1 - 1 * 1) / Math.Sqrt(4 * 4 * 2 * 2);
        Assert.Equal(expected, ClassifierMetrics.Matthews([1, 1, 1, 0, 1, 0], [1, 1, 1, 1, 0, 0]), 12);
    }

    [Fact]
    public void Correlations_ignore_scale_and_ranks_ignore_bends()
    {
        double[] x = [0.1, 0.4, 0.2, 0.9, 0.5], bent = [.. x.Select(Math.Exp)];
        Assert.Equal(1, RegressionMetrics.Pearson(x, [.. x.Select(v => 3 * v - 7)]), 12);
        Assert.True(RegressionMetrics.Pearson(x, bent) < 1);
        Assert.Equal(1, RegressionMetrics.Spearman(x, bent), 12);
        Assert.Equal(0, RegressionMetrics.RSquared([.. x.Select(_ => x.Average())], x), 12);
        Assert.Equal(0.3, RegressionMetrics.RootMeanSquaredError([.. x.Select(v => v + 0.3)], x), 12);
    }

    private static double OfRows(JsonElement golden, string metric)
    {
        double[] probabilities = golden.Numbers("probability");
        bool[] positive = [.. golden.Numbers("label").Select(label => label == 1)];
        string[] words = metric.Split(' ');
        if (words is [("ece" or "mce") and var which, var bins, "bins"])
        {
            IReadOnlyList<ReliabilityBin> table = Calibration.Table(probabilities, positive, int.Parse(bins));
            return which == "ece" ? Calibration.Expected(table) : Calibration.Maximum(table);
        }
        return metric switch
        {
            "auc" => ClassifierMetrics.Auc(probabilities, positive),
            "average precision" => ClassifierMetrics.AveragePrecision(probabilities, positive),
            "log loss" => ClassifierMetrics.LogLoss([.. probabilities.Zip(positive, (p, one) => one ? p : 1 - p)]),
            "brier" => ClassifierMetrics.Brier(probabilities, positive),
            "accuracy at 0.5 (p >= 0.5)" => ClassifierMetrics.Accuracy([.. probabilities.Select(p => p >= 0.5 ? 1 : 0)], [.. positive.Select(one => one ? 1 : 0)]),
            _ => throw GoldenCases.Unknown(File, metric),
        };
    }

    private static double OfPairs(JsonElement golden, string metric)
    {
        double[] margins = [.. golden.Numbers("chosen").Zip(golden.Numbers("rejected"), (chosen, rejected) => chosen - rejected)];
        return metric switch
        {
            "accuracy, ties wrong" => PairMetrics.Accuracy(margins, tie: 0),
            "accuracy, ties half" => PairMetrics.Accuracy(margins),
            "mean margin" => margins.Average(),
            "bradley-terry log-likelihood" => PairMetrics.LogLikelihood(margins),
            _ => throw GoldenCases.Unknown(File, metric),
        };
    }
}
