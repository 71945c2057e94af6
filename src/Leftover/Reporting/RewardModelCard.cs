using System.Globalization;
using System.Text;
using Leftover.Evaluation;
using Leftover.RewardModels;

namespace Leftover.Reporting;

/// <summary>The README.md of a reward model's folder: what it learnt, how well it does beside the baselines, and how to use it.</summary>
public static class RewardModelCard
{
    /// <summary>The card.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="baseModel">The model it was trained from, by its last name.</param>
    /// <param name="report">How it does.</param>
    public static string Text(string name, string baseModel, RewardModelReport report)
    {
        string[] metrics = [.. report.Predictors[0].Metrics.Keys];
        var text = new StringBuilder();
        text.Append("---\nlibrary_name: transformers\npipeline_tag: text-classification\ntags: [reward-model, leftover]\n---\n\n");
        text.Append($"# {name}\n\n{Verdict(report)}\n\n## How it was made\n\n");
        text.Append($"`{baseModel}`, trained for {report.Task} on {report.TrainItems} {Items(report)}; labels: {string.Join(", ", report.Labels.Select(label => $"`{label}`"))}.\n\n");
        text.Append($"## Held-out rows\n\n{report.HeldOutItems} {Items(report)} of {report.HeldOutPrompts} prompts that it was not trained on; {RewardModelReport.Confidence:P0} intervals over prompts in brackets.\n\n");
        text.Append($"| | {string.Join(" | ", metrics)} |\n|---|{string.Concat(Enumerable.Repeat("---|", metrics.Length))}\n");
        foreach (PredictorResult predictor in report.Predictors) text.Append($"| {predictor.Name} | {string.Join(" | ", metrics.Select(metric => Shown(predictor.Metrics[metric])))} |\n");
        text.Append($"\n| predicted | observed | {Items(report)} |\n|---|---|---|\n");
        foreach (var bin in report.Reliability) text.Append(CultureInfo.InvariantCulture, $"| {bin.Predicted:F3} | {bin.Observed:F3} | {bin.Count} |\n");
        text.Append("\n![What it predicted against what was so](reliability.svg)\n");
        return text.ToString();
    }

    /// <summary>The result in a sentence: better than both baselines, or not.</summary>
    public static string Verdict(RewardModelReport report)
    {
        Estimate own = report.Predictors[0].Metrics[report.MainMetric];
        string baselines = string.Join(", ", report.Predictors.Skip(1).Select(predictor => $"{predictor.Name} {Number(predictor.Metrics[report.MainMetric].Mean)}"));
        string[] unbeaten = [.. report.Gains.Where(gain => !(gain.Value.Low > 0)).Select(gain => gain.Key)];
        string claim = unbeaten.Length == 0 ? "It beats them beyond chance." : $"It does not beat {string.Join(" and ", unbeaten)} beyond chance: do not trust it for more than that says.";
        return $"Held-out {report.MainMetric} {Shown(own)}; {baselines}. {claim}";
    }

    private static string Items(RewardModelReport report) => report.Task == "preference" ? "pairs" : "texts";

    private static string Shown(Estimate estimate) => $"{Number(estimate.Mean)} [{Number(estimate.Low)}, {Number(estimate.High)}]";

    private static string Number(double value) => double.IsFinite(value) ? value.ToString("F3", CultureInfo.InvariantCulture) : "–";
}
