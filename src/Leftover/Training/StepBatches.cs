using Leftover.Batches;

namespace Leftover.Training;

/// <summary>How a step's rows become batches.</summary>
internal static class StepBatches
{
    /// <summary>
    /// <see cref="TrainerSettings.Accumulation"/> equal parts, each cut further where it has too many tokens for the memory, and what each counts for in the
    /// step. Rows of weight 0 are not computed; they count as completions, as they would if they were.
    /// </summary>
    public static IEnumerable<(List<TrainingRow> Rows, float Share)> Of(IReadOnlyList<TrainingRow> rows, TrainerSettings settings)
    {
        int size = (rows.Count + settings.Accumulation - 1) / settings.Accumulation;
        foreach (TrainingRow[] part in rows.Chunk(Math.Max(size, 1)))
        {
            foreach (List<TrainingRow> run in BatchPacker.CutByTokens(part.Where(row => row.Weight != 0), settings.MaxBatchTokens))
                yield return (run, (float)run.Count / (settings.SumBatches ? part.Length : rows.Count));
        }
    }
}
