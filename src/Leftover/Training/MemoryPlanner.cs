using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Training;

/// <summary>Finds out what a training needs by running its largest batches without memory and without work: the ops themselves say what they take.</summary>
public static class MemoryPlanner
{
    private const long RuntimeGrowth = 24L << 20;            // code compiled and objects made while it trains
    private const long SharedScratch = 5L << 20;             // an operand that threads packed together
    private const long ThreadScratch = 1L << 20;             // a thread's own blocks

    /// <summary>What this process holds now, and what it will beside weights and batches.</summary>
    public static long ProgramBytes() => Environment.WorkingSet + RuntimeGrowth + SharedScratch + ThreadScratch * ThreadTeam.Shared.Size;

    /// <summary>The plan of a training.</summary>
    /// <param name="config">The model's shape; no weight is read.</param>
    /// <param name="algorithm">The loss.</param>
    /// <param name="settings">How steps are cut into batches, and whether blocks run again.</param>
    /// <param name="steps">The rows of each step.</param>
    /// <param name="programBytes">What the program itself needs, for example <see cref="ProgramBytes"/>.</param>
    public static MemoryPlan Plan(ModelConfig config, Algorithm algorithm, TrainerSettings settings, IEnumerable<IReadOnlyList<TrainingRow>> steps, long programBytes)
    {
        using LanguageModel model = config.Build();
        if (algorithm is OnlineAlgorithm { UsesValues: true }) model.DeclareValueHead();
        model.Weights.AllocateForPlan();
        long arena = 0, head = 0;
        int tokens = 0;
        foreach (List<TrainingRow> rows in LargestBatches(steps, settings, algorithm.AveragesTokens))
        {
            CompletionBatch batch = BatchPacker.Pack([.. rows.Select(row => row.ReferenceTokenLogProbs is null ? row with { ReferenceTokenLogProbs = new float[row.Completion.Length] } : row)], sumsSquares: algorithm.ReadsSumOfSquares);
            tokens = Math.Max(tokens, batch.Tokens.Length);
            long headOfBatch = 0, arenaOfBatch = Arena.PeakOf(planned => headOfBatch = Pass(model, algorithm, batch, planned, settings.Checkpoint));
            if (arenaOfBatch > arena) (arena, head) = (arenaOfBatch, headOfBatch);
        }
        arena += arena / 256 + (1 << 14);                    // batches as large, but of other lengths, differ by some tables
        long state = model.Weights.Length * sizeof(float);
        return new MemoryPlan
        {
            WeightBytes = state,
            GradientBytes = state,
            MomentBytes = 2 * state,
            ActivationBytes = (arena - head) * sizeof(float),
            HeadBytes = head * sizeof(float),
            ProgramBytes = programBytes,
            LargestBatchTokens = tokens,
            GradientCheckpointing = settings.Checkpoint,
        };
    }

    // What Trainer does with a batch. What the head takes is what the arena grows by while it runs.
    private static long Pass(LanguageModel model, Algorithm algorithm, CompletionBatch batch, Arena arena, bool checkpoint)
    {
        using Tape tape = arena.Begin(checkpoint: checkpoint);
        Tensor hidden = model.FinalHidden(batch.Tokens, batch.Layout, batch.Rows);
        long before = arena.Used;
        Tensor tokenLogProbs = model.TokenLogProbs(hidden, batch.Targets);
        long head = arena.Used - before;
        tape.Backward(algorithm.Loss(tokenLogProbs, model.TokenValues(hidden), batch) * batch.StepShare);
        return head;
    }

    // Batches than which no other has both more input tokens and more completion tokens: memory grows with both.
    private static IEnumerable<List<TrainingRow>> LargestBatches(IEnumerable<IReadOnlyList<TrainingRow>> steps, TrainerSettings settings, bool byTokens)
    {
        List<(int Inputs, int Completions, List<TrainingRow> Rows)> largest = [];
        foreach (IReadOnlyList<TrainingRow> step in steps)
        {
            foreach ((List<TrainingRow> rows, _) in StepBatches.Of(step, settings, byTokens))
            {
                (int inputs, int completions) = BatchPacker.SizeOf(rows);
                if (largest.Exists(known => known.Inputs >= inputs && known.Completions >= completions)) continue;
                largest.RemoveAll(known => known.Inputs <= inputs && known.Completions <= completions);
                largest.Add((inputs, completions, rows));
            }
        }
        return largest.Select(known => known.Rows);
    }
}
