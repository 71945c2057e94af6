using System.Buffers;
using System.Numerics.Tensors;

namespace Leftover.Generation;

/// <summary>What is done to a token's scores before one is chosen: repetition penalty, n-gram block, then temperature; <see cref="TokenFilter"/> follows.</summary>
/// <remarks>A token that is out gets −∞. Order and edge cases are those of Transformers.</remarks>
internal static class LogitsProcessor
{
    /// <summary>True where <see cref="Penalize"/> changes scores.</summary>
    public static bool Penalizes(GenerationOptions options) => options.RepetitionPenalty != 1 || options.NoRepeatNgramSize > 0;

    /// <summary>Penalty and n-gram block: they apply to logits, and in beam search to log-probabilities.</summary>
    /// <param name="scores">[V].</param>
    /// <param name="ids">Prompt and completion so far.</param>
    /// <param name="options">How strong.</param>
    public static void Penalize(Span<float> scores, ReadOnlySpan<int> ids, GenerationOptions options)
    {
        if (options.RepetitionPenalty != 1) PenalizeRepetition(scores, ids, options.RepetitionPenalty);
        if (options.NoRepeatNgramSize > 0) BlockNgrams(scores, ids, options.NoRepeatNgramSize);
    }

    // Read first, then write: an id that comes twice is penalised once.
    private static void PenalizeRepetition(Span<float> scores, ReadOnlySpan<int> ids, float penalty)
    {
        float[] before = ArrayPool<float>.Shared.Rent(ids.Length);
        for (int i = 0; i < ids.Length; i++) before[i] = scores[ids[i]];
        for (int i = 0; i < ids.Length; i++) scores[ids[i]] = before[i] < 0 ? before[i] * penalty : before[i] / penalty;
        ArrayPool<float>.Shared.Return(before);
    }

    private static void BlockNgrams(Span<float> scores, ReadOnlySpan<int> ids, int size)
    {
        if (ids.Length + 1 < size) return;
        ReadOnlySpan<int> last = ids[^(size - 1)..];
        for (int start = 0; start + size <= ids.Length; start++)
        {
            if (ids.Slice(start, size - 1).SequenceEqual(last)) scores[ids[start + size - 1]] = float.NegativeInfinity;
        }
    }

    /// <summary>exp(score − largest), so the largest gives 1.</summary>
    public static void Exponentials(ReadOnlySpan<float> scores, Span<float> result)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), result);
        TensorPrimitives.Exp<float>(result, result);
    }
}
