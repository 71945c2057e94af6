using Leftover.Batches;

namespace Leftover.Training;

/// <summary>How a step's rows become batches.</summary>
internal static class StepBatches
{
    /// <summary>
    /// <see cref="TrainerSettings.Accumulation"/> equal parts, each cut further where it has too many tokens for the memory, and what each counts for in the
    /// step. Groups stay whole. Rows of weight 0 are not computed; they count as completions, as they would if they were.
    /// </summary>
    /// <param name="rows">The step's rows.</param>
    /// <param name="settings">How many parts, and how large.</param>
    /// <param name="byTokens">True where a batch counts for its share of the step's completion tokens, false for that of its groups and single completions.</param>
    public static IEnumerable<(List<TrainingRow> Rows, float Share)> Of(IReadOnlyList<TrainingRow> rows, TrainerSettings settings, bool byTokens = false)
    {
        List<TrainingRow>[] units = [.. TrainingRow.Units(rows)];
        int size = (units.Length + settings.Accumulation - 1) / settings.Accumulation;
        foreach (List<TrainingRow>[] part in units.Chunk(Math.Max(size, 1)))
        {
            int whole = Count(settings.SumBatches ? part : units);
            foreach (List<TrainingRow> run in BatchPacker.CutByTokens(part.Where(unit => unit[0].Weight != 0).SelectMany(unit => unit), settings.MaxBatchTokens))
                yield return (run, (float)Count(TrainingRow.Units(run)) / whole);
        }

        int Count(IEnumerable<List<TrainingRow>> some) => byTokens ? some.Sum(unit => unit.Sum(row => row.Completion.Length)) : some.Count();
    }
}
