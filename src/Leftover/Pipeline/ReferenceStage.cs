using Leftover.Batches;
using Leftover.Models;
using Leftover.Reference;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>The frozen pass over the train set: ln π_ref of every completion token, and the prompts' states where they are wanted.</summary>
internal sealed class ReferenceStage(RunContext context, PolicySource reference, TokenizedSet train)
{
    private float[][]? _logProbs;

    /// <summary>ln π_ref of each completion token of each row, [T] a row.</summary>
    public float[][] LogProbs => _logProbs ??= Pass(states: null);

    /// <summary>The states of prompts, in the cache's file, the caller's to close. Those of the train set and <paramref name="more"/> are there; one pass gives the former and <see cref="LogProbs"/>.</summary>
    /// <param name="more">Prompts beside the train set's.</param>
    public PromptStateStore OpenStates(IReadOnlyList<int[]> more)
    {
        PromptStateStore states = context.OpenStates(Key, reference.Config().Width);
        try
        {
            if (states.Misses(train.Prompts)) _logProbs = Pass(states);
            int[][] missing = [.. train.Prompts.Concat(more).Where(prompt => !states.Contains(prompt))];        // prompts whose rows all came out of the store, too
            if (missing.Length == 0) return states;
            using LanguageModel model = context.Load(reference, trainable: false);
            states.Compute(model, missing, context.FrozenBatchTokens, context.Performance, context.Cancellation);
            return states;
        }
        catch
        {
            states.Dispose();
            throw;
        }
    }

    /// <summary>ln π_ref of rows that are not in the train set, [T] a row; they are kept like the others.</summary>
    public float[][] LogProbsOf(IReadOnlyList<TrainingRow> rows) => Pass(rows, states: null);

    private string Key => RunContext.LogProbsKey(reference, context.ComputeType);

    private float[][] Pass(PromptStateStore? states) => Pass(train.Rows, states);

    private float[][] Pass(IReadOnlyList<TrainingRow> rows, PromptStateStore? states)
    {
        string key = Key;
        using RowStore store = context.OpenRows("log-probs", key);
        if (ReferencePass.Known(rows, store, key) is { } known) return known;
        using LanguageModel model = context.Load(reference, trainable: false);
        return ReferencePass.TokenLogProbs(model, rows, store, key, states, context.FrozenBatchTokens, context.Performance, context.Cancellation);
    }
}
