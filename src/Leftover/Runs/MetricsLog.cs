using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>The figures of a run, step by step: <c>metrics.jsonl</c>, and TensorBoard events beside it where they are wanted.</summary>
public sealed class MetricsLog : IDisposable
{
    private readonly JsonLinesLog _lines;
    private readonly TensorBoardEvents? _events;

    /// <summary>Opens the log of a folder, or creates it.</summary>
    /// <param name="folder">The folder of <c>metrics.jsonl</c>.</param>
    /// <param name="sinks">What is written beside it.</param>
    /// <param name="clock">Gives TensorBoard's events their times; metrics.jsonl holds none, so that the same run has the same bytes.</param>
    public MetricsLog(string folder, IReadOnlyList<MetricsSink> sinks, TimeProvider clock)
    {
        _lines = new JsonLinesLog(Path.Combine(folder, "metrics.jsonl"));
        if (sinks.Contains(MetricsSink.Tensorboard)) _events = new TensorBoardEvents(folder, clock);
    }

    /// <summary>Writes the figures of a step.</summary>
    /// <param name="step">The step, ≥ 0.</param>
    /// <param name="values">Each figure by name; one that is not finite is null in metrics.jsonl.</param>
    public void Write(int step, IEnumerable<KeyValuePair<string, double>> values)
    {
        JsonObject line = new() { ["step"] = step };
        List<KeyValuePair<string, double>> all = [.. values];
        foreach ((string name, double value) in all) line[name] = double.IsFinite(value) ? value : null;
        _lines.Append(line);
        _events?.Write(step, all);
    }

    /// <summary>Forgets the figures of later steps: the run goes on after this one. −1 forgets all.</summary>
    public void RewindTo(int step)
    {
        _lines.RewindTo(step);
        _events?.RewindTo(step);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lines.Dispose();
        _events?.Dispose();
    }
}
