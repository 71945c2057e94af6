using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Leftover.Generation;

/// <summary>What is done to a token's scores before one is chosen, in this order: repetition penalty, n-gram block, temperature, top-k, top-p, min-p.</summary>
/// <remarks>A token that is out gets −∞. Order and edge cases are those of Transformers.</remarks>
internal static class LogitsProcessor
{
    /// <summary>Penalty and n-gram block: they apply to logits, and in beam search to log-probabilities.</summary>
    /// <param name="scores">[V].</param>
    /// <param name="ids">Prompt and completion so far.</param>
    /// <param name="options">How strong.</param>
    public static void Penalize(Span<float> scores, ReadOnlySpan<int> ids, GenerationOptions options)
    {
        if (options.RepetitionPenalty != 1) PenalizeRepetition(scores, ids, options.RepetitionPenalty);
        if (options.NoRepeatNgramSize > 0) BlockNgrams(scores, ids, options.NoRepeatNgramSize);
    }

    /// <summary>Temperature and the three filters; the likeliest token always stays.</summary>
    /// <param name="scores">[V].</param>
    /// <param name="options">How strong.</param>
    public static void Filter(Span<float> scores, GenerationOptions options)
    {
        if (options.Temperature != 1) TensorPrimitives.Divide(scores, options.Temperature, scores);
        if (options.TopK > 0 && options.TopK < scores.Length) KeepTopK(scores, options.TopK);
        if (options.TopP < 1) KeepTopP(scores, options.TopP);
        if (options.MinP > 0) KeepMinP(scores, options.MinP);
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

    /// <summary>Ties with the k-th stay.</summary>
    private static void KeepTopK(Span<float> scores, int k)
    {
        var best = new PriorityQueue<float, float>(k);              // the smallest of the k largest on top
        foreach (float score in scores)
        {
            if (best.Count < k) best.Enqueue(score, score);
            else if (score > best.Peek()) best.EnqueueDequeue(score, score);
        }
        float least = best.Peek();
        foreach (ref float score in scores)
        {
            if (score < least) score = float.NegativeInfinity;
        }
    }

    private static void KeepTopP(Span<float> scores, float p)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(scores.Length);
        Span<float> shares = rented.AsSpan(0, scores.Length);
        Exponentials(scores, shares);
        double wanted = p * TensorPrimitives.Sum<float>(shares);

        // Only the likeliest tokens need sorting: those above a tenth of the best, and where their mass is not enough, above a hundredth, and so on.
        List<int> candidates = [];
        for (double cut = 0.1; ; cut *= 0.1)
        {
            double mass = Gather(shares, (float)cut, candidates);
            if (mass >= wanted || (float)cut == 0) break;
        }
        candidates.Sort((a, b) => rented[a] != rented[b] ? rented[b].CompareTo(rented[a]) : a.CompareTo(b));

        double before = 0;
        int kept = 0;
        while (kept < candidates.Count && (kept == 0 || before < wanted)) before += shares[candidates[kept++]];
        TakeOut(scores, CollectionsMarshal.AsSpan(candidates)[..kept]);
        ArrayPool<float>.Shared.Return(rented);
    }

    private static double Gather(ReadOnlySpan<float> shares, float cut, List<int> candidates)
    {
        candidates.Clear();
        double mass = 0;
        for (int id = 0; id < shares.Length; id++)
        {
            if (shares[id] < cut) continue;
            candidates.Add(id);
            mass += shares[id];
        }
        return mass;
    }

    private static void TakeOut(Span<float> scores, ReadOnlySpan<int> kept)
    {
        float[] values = ArrayPool<float>.Shared.Rent(kept.Length);
        for (int i = 0; i < kept.Length; i++) values[i] = scores[kept[i]];
        scores.Fill(float.NegativeInfinity);
        for (int i = 0; i < kept.Length; i++) scores[kept[i]] = values[i];
        ArrayPool<float>.Shared.Return(values);
    }

    private static void KeepMinP(Span<float> scores, float minP)
    {
        float least = TensorPrimitives.Max<float>(scores) + MathF.Log(minP);     // p ≥ minP · max(p)
        foreach (ref float score in scores)
        {
            if (score < least) score = float.NegativeInfinity;
        }
    }

    /// <summary>exp(score − largest), so the largest gives 1.</summary>
    public static void Exponentials(ReadOnlySpan<float> scores, Span<float> result)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), result);
        TensorPrimitives.Exp<float>(result, result);
    }
}
