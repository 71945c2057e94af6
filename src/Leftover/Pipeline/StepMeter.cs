using Leftover.Batches;
using Leftover.Models;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>Times the updates of a training, each from its rows to the next question for some: replies, validations and checkpoints lie between.</summary>
internal sealed class StepMeter(RunContext context, string title, IStepSource source, ModelWork work, IStepLog log) : IStepSource, IStepLog, IDisposable
{
    private double _operations;
    private TimeSpan _time;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures => source.Figures;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Seconds => source.Seconds;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Memory
    {
        get => source.Memory;
        set => source.Memory = value;
    }

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<TrainingRow>> Updates(int step)
    {
        (_operations, _time) = (0, TimeSpan.Zero);
        foreach (IReadOnlyList<TrainingRow> rows in source.Updates(step))
        {
            CompletionBatch batch = BatchPacker.Pack(rows);
            _operations += work.Step(batch.Layout.Segments, batch.Rows.Length);
            long began = context.Clock.GetTimestamp();
            yield return rows;
            _time += context.Clock.GetElapsedTime(began);
        }
    }

    /// <inheritdoc/>
    public void RewindTo(int step) => log.RewindTo(step);

    /// <inheritdoc/>
    public void Write(StepReport report)
    {
        context.Performance.Add(title, _time, report.Tokens, _operations);
        log.Write(report with { Operations = _operations + source.Operations });
    }

    /// <inheritdoc/>
    public void Write(ValidationReport report) => log.Write(report);

    /// <summary>Writes the run's <c>performance.json</c>.</summary>
    public void Dispose() => context.Performance.Save();
}
