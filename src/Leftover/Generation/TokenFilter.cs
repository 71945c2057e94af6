using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Leftover.Generation;

/// <summary>Finds the tokens that top-k, top-p and min-p leave, in this order, without sorting the vocabulary.</summary>
/// <remarks>Edge cases are those of Transformers: ties with the k-th stay, and the likeliest token always does.</remarks>
internal static class TokenFilter
{
    /// <summary>True where the options leave tokens out of a vocabulary.</summary>
    public static bool Filters(GenerationOptions options, int vocabulary) => (options.TopK > 0 && options.TopK < vocabulary) || options.TopP < 1 || options.MinP > 0;

    /// <summary>The tokens that stay.</summary>
    /// <param name="scores">Any numbers that grow with the tokens' probabilities, [V].</param>
    /// <param name="shares">Each token's probability over that of the likeliest, [V].</param>
    /// <param name="options">The filters; at least one of them is on.</param>
    /// <param name="kept">Gets the ids, ascending.</param>
    public static void Keep(ReadOnlySpan<float> scores, ReadOnlySpan<float> shares, GenerationOptions options, List<int> kept)
    {
        bool topK = options.TopK > 0 && options.TopK < scores.Length;
        if (topK) Gather(scores, Largest(scores, options.TopK), kept);
        if (options.TopP < 1) KeepTopP(shares, options.TopP, topK, kept);
        else if (!topK) Gather(shares, options.MinP, kept);
        if (options.MinP == 0) return;
        int count = 0;
        for (int i = 0; i < kept.Count; i++)
        {
            if (shares[kept[i]] >= options.MinP) kept[count++] = kept[i];
        }
        kept.RemoveRange(count, kept.Count - count);
    }

    /// <summary>The k-th largest.</summary>
    private static float Largest(ReadOnlySpan<float> scores, int k)
    {
        var best = new PriorityQueue<float, float>(k);              // the smallest of the k largest on top
        int i = 0, lanes = Vector<float>.Count;
        for (; i < k; i++) best.Enqueue(scores[i], scores[i]);
        for (; i <= scores.Length - lanes; i += lanes)
        {
            if (!Vector.GreaterThanAny(new Vector<float>(scores[i..]), new Vector<float>(best.Peek()))) continue;
            foreach (float score in scores.Slice(i, lanes)) Consider(score);
        }
        foreach (float score in scores[i..]) Consider(score);
        return best.Peek();

        void Consider(float score)
        {
            if (score > best.Peek()) best.EnqueueDequeue(score, score);
        }
    }

    // A token stays while the mass of the likelier ones is below p of all that is there, or, after top-k, of what that left.
    private static void KeepTopP(ReadOnlySpan<float> shares, float p, bool someAreOut, List<int> kept)
    {
        double wanted = 0;
        if (someAreOut) foreach (int id in kept) wanted += shares[id];
        else wanted = TensorPrimitives.Sum(shares);
        wanted *= p;

        // Only the likeliest tokens need sorting: those above a tenth of the best, and where their mass is not enough, above a hundredth, and so on.
        if (!someAreOut)
        {
            for (double cut = 0.1; ; cut *= 0.1)
                if (Gather(shares, (float)cut, kept) >= wanted || (float)cut == 0) break;
        }
        ulong[] order = ArrayPool<ulong>.Shared.Rent(kept.Count);
        Span<ulong> sorted = order.AsSpan(0, kept.Count);
        for (int i = 0; i < sorted.Length; i++) sorted[i] = SortKey(shares[kept[i]], kept[i]);
        sorted.Sort();

        double before = 0;
        int count = 0;
        while (count < sorted.Length && (count == 0 || before < wanted)) before += shares[IdOf(sorted[count++])];
        CollectionsMarshal.SetCount(kept, count);
        for (int i = 0; i < count; i++) kept[i] = IdOf(sorted[i]);
        kept.Sort();
        ArrayPool<ulong>.Shared.Return(order);
    }

    // The larger share first, of equals the lower id: the bits of floats that are not negative grow with them.
    private static ulong SortKey(float share, int id) => (ulong)~BitConverter.SingleToUInt32Bits(share) << 32 | (uint)id;

    private static int IdOf(ulong key) => (int)(uint)key;

    /// <summary>The ids of values that are large enough; returns their sum.</summary>
    private static double Gather(ReadOnlySpan<float> values, float least, List<int> ids)
    {
        ids.Clear();
        double sum = 0;
        int i = 0, lanes = Vector<float>.Count;
        var bound = new Vector<float>(least);
        for (; i <= values.Length - lanes; i += lanes)
        {
            if (!Vector.GreaterThanOrEqualAny(new Vector<float>(values[i..]), bound)) continue;
            for (int id = i; id < i + lanes; id++) Consider(values[id], id);
        }
        for (; i < values.Length; i++) Consider(values[i], i);
        return sum;

        void Consider(float value, int id)
        {
            if (value < least) return;
            ids.Add(id);
            sum += value;
        }
    }
}
