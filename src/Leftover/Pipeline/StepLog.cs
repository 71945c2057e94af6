using System.Text.Json.Nodes;
using Leftover.Runs;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>A training's figures under the field's names, the replies that its validations looked at, and where the time of its steps went.</summary>
/// <remarks>Times stand in a file of their own: metrics are the same bytes whatever the machine does beside.</remarks>
internal sealed class StepLog(MetricsLog log, SampleLog? samples, JsonLinesLog? timings, int every) : IStepLog
{
    private static readonly string[] s_passes = ["generation", "policy_forward", "reference_forward", "forward", "backward"];

    public void RewindTo(int step)
    {
        log.RewindTo(step);
        timings?.RewindTo(step);
        samples?.RewindTo(step);
    }

    public void Write(StepReport report)
    {
        if (report.Step % every != 0) return;
        var values = new List<KeyValuePair<string, double>>
        {
            new("train/loss", report.Loss),
            new("train/grad_norm", report.GradientNorm),
            new("train/learning_rate", report.LearningRate),
            new("train/num_tokens", report.Tokens),
            new("train/completions", report.Completions),
            new("train/operations", report.Operations),
            new("train/logps", report.LogProb),
        };
        if (report.Ratio is { } ratio)
        {
            values.Add(new("offpolicy/kl", ratio.MeanLogRatio));
            values.Add(new("offpolicy/is_count", ratio.Count));
            values.Add(new("offpolicy/is_mean", ratio.Mean));
            values.Add(new("offpolicy/is_std", ratio.StandardDeviation));
            values.Add(new("offpolicy/is_eff_sample_size", ratio.EffectiveSampleSize));
            values.Add(new("offpolicy/ratio_fraction_high", ratio.ShareHigh));
            values.Add(new("offpolicy/ratio_fraction_low", ratio.ShareLow));
        }
        values.AddRange(report.Figures);
        log.Write(report.Step, values);
        WriteTimings(report);
    }

    // The share of what computes with a model in all that a step takes.
    private void WriteTimings(StepReport report)
    {
        if (timings is null) return;
        var line = new JsonObject { ["step"] = report.Step };
        foreach ((string what, double seconds) in report.Seconds.OrderBy(entry => entry.Key, StringComparer.Ordinal)) line[$"time/{what}"] = Math.Round(seconds, 6);
        double all = report.Seconds.GetValueOrDefault("step");
        if (all > 0) line["time/share_of_passes"] = Math.Round(report.Seconds.Where(entry => s_passes.Contains(entry.Key)).Sum(entry => entry.Value) / all, 4);
        timings.Append(line);
    }

    public void Write(ValidationReport report)
    {
        log.Write(report.Step, report.Metrics.Select(metric => KeyValuePair.Create("eval/" + metric.Key, metric.Value)).Prepend(new("eval/score", report.Score)));
        foreach (Sample sample in report.Samples) samples?.Write(sample);
    }
}
