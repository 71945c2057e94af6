using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>A training's figures, a line of JSON each: <c>metrics.jsonl</c>, with the field's names.</summary>
/// <remarks>Lines are written whole; on resume, those of later steps and a torn last one are taken out again.</remarks>
internal sealed class StepLog(string path, TimeProvider clock, int every) : IStepLog, IDisposable
{
    private readonly long _started = clock.GetTimestamp();
    private StreamWriter? _writer;

    public void RewindTo(int step)
    {
        Dispose();
        if (!File.Exists(path)) return;
        string[] kept = [.. File.ReadLines(path).Where(line => StepOf(line) is { } at && at <= step)];
        Runs.AtomicFile.WriteAllText(path, string.Concat(kept.Select(line => line + "\n")));
    }

    public void Write(StepReport report)
    {
        if (report.Step % every != 0) return;
        var line = new JsonObject
        {
            ["step"] = report.Step,
            ["time"] = Math.Round(clock.GetElapsedTime(_started).TotalSeconds, 3),
            ["train/loss"] = report.Loss,
            ["train/grad_norm"] = report.GradientNorm,
            ["train/learning_rate"] = report.LearningRate,
            ["train/num_tokens"] = report.Tokens,
            ["train/completions"] = report.Completions,
            ["train/logps"] = report.LogProb,
        };
        if (report.Ratio is { } ratio)
        {
            line["offpolicy/kl"] = ratio.MeanLogRatio;
            line["offpolicy/is_eff_sample_size"] = ratio.EffectiveSampleSize;
            line["offpolicy/ratio_fraction_high"] = ratio.ShareHigh;
            line["offpolicy/ratio_fraction_low"] = ratio.ShareLow;
        }
        Append(line);
    }

    public void Write(ValidationReport report)
    {
        var line = new JsonObject { ["step"] = report.Step, ["time"] = Math.Round(clock.GetElapsedTime(_started).TotalSeconds, 3), ["eval/score"] = report.Score };
        foreach ((string name, double value) in report.Metrics) line["eval/" + name] = value;
        Append(line);
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private void Append(JsonObject line)
    {
        _writer ??= new StreamWriter(path, append: true) { AutoFlush = true, NewLine = "\n" };
        _writer.WriteLine(line.ToJsonString());
    }

    private static int? StepOf(string line)
    {
        try
        {
            return JsonNode.Parse(line)?["step"]?.GetValue<int>();
        }
        catch (JsonException)
        {
            return null;                                     // torn by a kill
        }
    }
}
