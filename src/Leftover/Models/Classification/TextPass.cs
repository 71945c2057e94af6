using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Models.Classification;

/// <summary>A frozen model over many texts, packed batch by packed batch.</summary>
internal static class TextPass
{
    /// <summary>Input tokens of a packed batch, about at most.</summary>
    public const int BatchTokens = 4096;

    /// <summary>Each text's logits.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="texts">Token ids; none is empty.</param>
    /// <param name="done">Told of each batch: texts and tokens; null tells nobody.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>[labels] a text.</returns>
    public static float[][] Logits(SequenceClassifier model, IReadOnlyList<int[]> texts, Action<int, int>? done = null, CancellationToken cancellation = default) =>
        Rows(texts, model.Logits, model.ComputeType, done, cancellation);

    /// <summary>A row of numbers for each text.</summary>
    /// <param name="texts">Token ids; none is empty.</param>
    /// <param name="pass">The pass over a batch; a row a text.</param>
    /// <param name="type">In what numbers products multiply.</param>
    /// <param name="done">Told of each batch: texts and tokens; null tells nobody.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static float[][] Rows(IReadOnlyList<int[]> texts, Func<PackedTexts, Tensor> pass, Tensors.Kernels.ComputeType type, Action<int, int>? done = null, CancellationToken cancellation = default)
    {
        var rows = new float[texts.Count][];
        using var arena = new Arena();
        int at = 0;
        foreach (int[][] batch in Cut(texts))
        {
            cancellation.ThrowIfCancellationRequested();
            using Tape tape = arena.Begin(record: false, computeType: type);
            Tensor result = pass(PackedTexts.Of(batch));
            for (int i = 0; i < batch.Length; i++) rows[at++] = result.Data.Slice(i * result.Columns, result.Columns).ToArray();
            done?.Invoke(batch.Length, batch.Sum(ids => ids.Length));
        }
        return rows;
    }

    /// <summary>Runs of texts of at most so many tokens each, in their order; a longer text stands alone.</summary>
    public static IEnumerable<int[][]> Cut(IReadOnlyList<int[]> texts, int maxTokens = BatchTokens)
    {
        List<int[]> run = [];
        int tokens = 0;
        foreach (int[] ids in texts)
        {
            if (run.Count > 0 && tokens + ids.Length > maxTokens)
            {
                yield return [.. run];
                run.Clear();
                tokens = 0;
            }
            run.Add(ids);
            tokens += ids.Length;
        }
        if (run.Count > 0) yield return [.. run];
    }
}
