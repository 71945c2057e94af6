using Leftover.Batches;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>Times the steps of a training, from a step's rows to its report: validations and checkpoints lie between steps.</summary>
internal sealed class StepMeter(RunContext context, TrainingJob job, ModelWork work, IStepLog log) : IStepLog, IDisposable
{
    private long _began;
    private double _operations;

    /// <summary>The rows of a step, from 1; its time begins.</summary>
    public IReadOnlyList<TrainingRow> RowsOfStep(int step)
    {
        IReadOnlyList<TrainingRow> rows = job.Steps.RowsOf(step);
        CompletionBatch batch = BatchPacker.Pack(rows);
        _operations = work.Step(batch.Layout.Segments, batch.Rows.Length);
        _began = context.Clock.GetTimestamp();
        return rows;
    }

    /// <inheritdoc/>
    public void RewindTo(int step) => log.RewindTo(step);

    /// <inheritdoc/>
    public void Write(StepReport report)
    {
        context.Performance.Add(job.Title, context.Clock.GetElapsedTime(_began), report.Tokens, _operations);
        log.Write(report with { Operations = _operations });
    }

    /// <inheritdoc/>
    public void Write(ValidationReport report) => log.Write(report);

    /// <summary>Writes the run's <c>performance.json</c>.</summary>
    public void Dispose() => context.Performance.Save();
}
