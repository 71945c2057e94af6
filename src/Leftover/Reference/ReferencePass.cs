using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Reference;

/// <summary>One frozen pass of a policy over completions that already exist: ln π of each of their tokens.</summary>
public static class ReferencePass
{
    /// <summary>What the store holds of these rows, [T] a row; null where one is missing.</summary>
    public static float[][]? Known(IReadOnlyList<TrainingRow> rows, RowStore store, string modelHash)
    {
        var known = new float[rows.Count][];
        for (int i = 0; i < rows.Count; i++)
        {
            if (store.Find(RowStore.Key(modelHash, rows[i].Prompt, rows[i].Completion)) is not { } row) return null;
            known[i] = row;
        }
        return known;
    }

    /// <summary>ln π of each completion token of each row, in the rows' order; [T] a row, in nats.</summary>
    /// <param name="model">The policy; nothing of it changes.</param>
    /// <param name="rows">The completions. Rows of one prompt share its computation.</param>
    /// <param name="store">Where results of earlier passes are kept; null computes all.</param>
    /// <param name="modelHash">What the results depend on besides the tokens: a hash of the model's weights and config, and of the numbers it computes in.</param>
    /// <param name="states">Where the prompts' states go, for the value head; null keeps none. Rows out of the store add none.</param>
    /// <param name="maxTokens">Input tokens of one packed batch, at most; a longer row stands alone.</param>
    /// <param name="observer">Who is told how far it is.</param>
    /// <param name="cancellation">Stops between batches; what was computed stays in the store.</param>
    /// <param name="title">What the observer is told it is.</param>
    /// <exception cref="ArithmeticException">A log-probability is not finite; the message names the example.</exception>
    public static float[][] TokenLogProbs(
        LanguageModel model, IReadOnlyList<TrainingRow> rows, RowStore? store, string modelHash,
        PromptStateStore? states, int maxTokens, IRunObserver observer, CancellationToken cancellation, string title = "Reference log-probabilities")
    {
        var results = new float[rows.Count][];
        string[] keys = new string[rows.Count];
        List<int> missing = [];
        for (int i = 0; i < rows.Count; i++)
        {
            keys[i] = RowStore.Key(modelHash, rows[i].Prompt, rows[i].Completion);
            if (store?.Find(keys[i]) is { } known) results[i] = known;
            else missing.Add(i);
        }
        if (missing.Count == 0) return results;

        using IWorkProgress progress = observer.Begin(title, missing.Count, "rows");
        using var arena = new Arena();
        var work = new ModelWork(model.Config);
        // Rows of one prompt next to each other, so that each prompt runs once; Example is the row's number in `rows` here.
        IEnumerable<TrainingRow> ordered = missing
            .GroupBy(i => new PromptKey(rows[i].Prompt))
            .SelectMany(group => group)
            .Select(i => rows[i] with { Example = i });
        foreach (List<TrainingRow> run in BatchPacker.CutByTokens(ordered, maxTokens))
        {
            cancellation.ThrowIfCancellationRequested();
            CompletionBatch batch = BatchPacker.Pack(run);
            using Tape tape = arena.Begin(record: false, model.ComputeType);
            Span<float> logProbs = LogProbs(model, batch, states).Data;
            for (int b = 0; b < batch.Count; b++)
            {
                int row = batch.Examples[b];
                results[row] = logProbs[batch.Offsets[b]..batch.Offsets[b + 1]].ToArray();
                CheckFinite(results[row], rows[row].Example);
                store?.Add(keys[row], results[row]);
            }
            store?.Flush();
            progress.Count(work.Forward(batch.Layout.Segments, batch.Rows.Length));
            progress.Advance(run.Count, batch.Tokens.Length);
        }
        return results;
    }

    // With states wanted, the final norm runs on all rows and the head on those that predict; without, both on the latter.
    private static Tensor LogProbs(LanguageModel model, CompletionBatch batch, PromptStateStore? states)
    {
        if (states is null) return model.TokenLogProbs(batch.Tokens, batch.Layout, batch.Rows, batch.Targets);

        Tensor hidden = model.FinalHidden(batch.Tokens, batch.Layout, [.. Enumerable.Range(0, batch.Tokens.Length)]);
        foreach (Segment segment in batch.Layout.Segments)
        {
            if (segment.Prefix >= 0) continue;                   // a completion
            int[] prompt = batch.Tokens[segment.Start..(segment.Start + segment.Length)];
            states.Add(prompt, hidden.Data.Slice(segment.Start * states.Width, segment.Length * states.Width));
        }
        return model.TokenLogProbs(hidden.GatherRows(batch.Rows), batch.Targets);
    }

    private static void CheckFinite(float[] logProbs, int example)
    {
        int bad = Array.FindIndex(logProbs, value => !float.IsFinite(value));
        if (bad >= 0)
            throw new ArithmeticException($"Reference pass: ln π of token {bad} of training example {example} is {logProbs[bad]}; it must be finite. The model's weights may be damaged: try `leftover generate` with it.");
    }
}
