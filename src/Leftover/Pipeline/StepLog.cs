using Leftover.Runs;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>A training's figures under the field's names, and the replies that its validations looked at.</summary>
internal sealed class StepLog(MetricsLog log, SampleLog? samples, int every) : IStepLog
{
    public void RewindTo(int step)
    {
        log.RewindTo(step);
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
            values.Add(new("offpolicy/is_eff_sample_size", ratio.EffectiveSampleSize));
            values.Add(new("offpolicy/ratio_fraction_high", ratio.ShareHigh));
            values.Add(new("offpolicy/ratio_fraction_low", ratio.ShareLow));
        }
        log.Write(report.Step, values);
    }

    public void Write(ValidationReport report)
    {
        log.Write(report.Step, report.Metrics.Select(metric => KeyValuePair.Create("eval/" + metric.Key, metric.Value)).Prepend(new("eval/score", report.Score)));
        foreach (Sample sample in report.Samples) samples?.Write(sample);
    }
}
