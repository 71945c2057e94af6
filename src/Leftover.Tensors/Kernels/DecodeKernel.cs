using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Leftover.Tensors.Kernels;

/// <summary>Attention of one new token to a long run of cached keys and values, which are read once, whole rows at a time.</summary>
/// <remarks>The run is cut into blocks; each gives a partial softmax for all heads, and the partials are combined in the blocks' order.</remarks>
internal static unsafe class DecodeKernel
{
    /// <summary>Keys of a block.</summary>
    public const int BlockKeys = 256;

    private const int FloatsAhead = 4096;               // that are asked for before they are read: measured, 12 to 24 KiB are best

    /// <summary>Floats of one block's result: the largest score and the sum of exponentials of each head, then its unscaled output [heads, d].</summary>
    public static int PartialFloats(int heads, int d) => HeadProduct.Round(heads * (2 + d));

    /// <summary>Floats of scratch for one block.</summary>
    public static int ScratchFloats(int heads) => heads * BlockKeys;

    /// <summary>The partial softmax of <paramref name="count"/> keys.</summary>
    /// <param name="q">The token's queries, [keyHeads, group, d].</param>
    /// <param name="keyHeads">Heads of keys and values.</param>
    /// <param name="group">Query heads that share one of them.</param>
    /// <param name="d">Numbers of a head.</param>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="keys">[count, keyHeads · d].</param>
    /// <param name="values">[count, keyHeads · d].</param>
    /// <param name="count">Keys of this block, at least 1.</param>
    /// <param name="partial"><see cref="PartialFloats"/> floats: the result.</param>
    /// <param name="scores"><see cref="ScratchFloats"/> floats.</param>
    public static void Partial(float* q, int keyHeads, int group, int d, float scale, float* keys, float* values, int count, float* partial, float* scores)
    {
        int heads = keyHeads * group;
        float* results = partial + 2 * heads;
        Scores(q, keyHeads, group, d, scale, keys, count, scores);
        for (int head = 0; head < heads; head++) (partial[2 * head], partial[2 * head + 1]) = Exponentials(scores + head * BlockKeys, count);
        new Span<float>(results, heads * d).Clear();
        AddValues(scores, keyHeads, group, d, values, count, results);
    }

    // scores [heads, BlockKeys]: each key's row is read once, from its first head to its last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scores(float* q, int keyHeads, int group, int d, float scale, float* keys, int count, float* scores)
    {
        int width = keyHeads * d, ahead = Math.Max(1, FloatsAhead / width) * width;
        for (int j = 0; j < count; j++)
            for (int head = 0; head < keyHeads; head++, keys += d)
            {
                Prefetch(keys + ahead, d);
                float* query = q + head * group * d, score = scores + head * group * BlockKeys + j;
                int i = 0;
                for (; i <= group - 3; i += 3, query += 3 * d, score += 3 * BlockKeys) ThreeDots(keys, query, d, scale, score);
                for (; i < group; i++, query += d, score += BlockKeys) *score = scale * ReduceKernel.Dot(keys, query, d);
            }
    }

    // results [heads, d] += scores·values, four values at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddValues(float* scores, int keyHeads, int group, int d, float* values, int count, float* results)
    {
        int width = keyHeads * d, ahead = Math.Max(1, FloatsAhead / width) * width, j = 0;
        for (; j <= count - 4; j += 4, values += 4 * width)
            for (int head = 0; head < keyHeads; head++)
            {
                Prefetch(values + ahead + head * 4 * d, 4 * d);
                for (int i = head * group; i < (head + 1) * group; i++) AddFour(scores + i * BlockKeys + j, values + head * d, width, results + i * d, d);
            }
        for (; j < count; j++, values += width)
            for (int i = 0; i < keyHeads * group; i++) AttentionTiles.Move(values + i / group * d, scores[i * BlockKeys + j], results + i * d, d, accumulate: true);
    }

    // score[i · BlockKeys] = scale · key·queries[i] of three heads
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ThreeDots(float* key, float* queries, int d, float scale, float* score)
    {
        float* q1 = queries + d, q2 = q1 + d;
        Vector<float> s0 = default, s1 = default, s2 = default;
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> k = Vector.Load(key + i);
            s0 = Vector.MultiplyAddEstimate(k, Vector.Load(queries + i), s0);
            s1 = Vector.MultiplyAddEstimate(k, Vector.Load(q1 + i), s1);
            s2 = Vector.MultiplyAddEstimate(k, Vector.Load(q2 + i), s2);
        }
        float t0 = Vector.Sum(s0), t1 = Vector.Sum(s1), t2 = Vector.Sum(s2);
        for (; i < d; i++)
        {
            t0 += key[i] * queries[i];
            t1 += key[i] * q1[i];
            t2 += key[i] * q2[i];
        }
        score[0] = scale * t0;
        score[BlockKeys] = scale * t1;
        score[2 * BlockKeys] = scale * t2;
    }

    // sum += p[0]·values[0] + … + p[3]·values[3]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour(float* p, float* values, int stride, float* sum, int d)
    {
        float* v1 = values + stride, v2 = v1 + stride, v3 = v2 + stride;
        Vector<float> p0 = Vector.Create(p[0]), p1 = Vector.Create(p[1]), p2 = Vector.Create(p[2]), p3 = Vector.Create(p[3]);
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> a = Vector.MultiplyAddEstimate(p1, Vector.Load(v1 + i), Vector.MultiplyAddEstimate(p0, Vector.Load(values + i), Vector.Load(sum + i)));
            Vector<float> b = Vector.MultiplyAddEstimate(p3, Vector.Load(v3 + i), p2 * Vector.Load(v2 + i));
            (a + b).Store(sum + i);
        }
        for (; i < d; i++) sum[i] += p[0] * values[i] + p[1] * v1[i] + (p[2] * v2[i] + p[3] * v3[i]);
    }

    // Into the second-level cache: the first has too few places for lines on their way.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* from, int length)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < length; i += 16) Sse.Prefetch1(from + i);
    }

    /// <summary>y = the softmax-weighted mean over all blocks; y is [heads, d].</summary>
    public static void Combine(float* partials, int blocks, int heads, int d, float* y)
    {
        int size = PartialFloats(heads, d);
        for (int head = 0; head < heads; head++, y += d)
        {
            float* statistics = partials + 2 * head, results = partials + 2 * heads + head * d;
            float max = float.NegativeInfinity, total = 0;
            for (int b = 0; b < blocks; b++) max = Math.Max(max, statistics[(long)b * size]);
            for (int b = 0; b < blocks; b++)
            {
                float weight = VectorMath.Exp(statistics[(long)b * size] - max);
                total += weight * statistics[(long)b * size + 1];
                AttentionTiles.Move(results + (long)b * size, weight, y, d, accumulate: b > 0);
            }
            SoftmaxKernel.Scale(y, 1 / total, d);
        }
    }

    // x becomes e^(x − max); its block has room for whole vectors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Max, float Sum) Exponentials(float* x, int count)
    {
        int rounded = AttentionTiles.Hide(x, 0, count);
        float max = ReduceKernel.Max(x, rounded);
        Vector<float> shift = Vector.Create(max), sum = Vector<float>.Zero;
        for (int j = 0; j < rounded; j += Vector<float>.Count)
        {
            Vector<float> e = VectorMath.Exp(Vector.Load(x + j) - shift);
            e.Store(x + j);
            sum += e;
        }
        return (max, Vector.Sum(sum));
    }
}
