using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Leftover.Tensors.Kernels;

/// <summary>Attention of one new token to a run of cached keys and values, which are read once, whole rows at a time.</summary>
/// <remarks>
/// A run gives a partial softmax for all heads: scores, their exponentials, and the sum of values; the partials of a longer sequence are combined
/// in the runs' order. Keys and values come in pieces, as the cache's blocks hold them.
/// </remarks>
internal static unsafe class DecodeKernel
{
    /// <summary>Keys of a run.</summary>
    public const int RunKeys = 256;

    private const int BytesAhead = 16 << 10;            // that are asked for before they are read: measured, 12 to 24 KiB are best

    /// <summary>Floats of one run's result: the largest score and the sum of exponentials of each head, then its unscaled output [heads, d].</summary>
    public static int PartialFloats(int heads, int d) => HeadProduct.Round(heads * (2 + d));

    /// <summary>Floats of scores of a run, [heads, <see cref="RunKeys"/>].</summary>
    public static int ScratchFloats(int heads) => heads * RunKeys;

    /// <summary>The scores of some keys of a run: each key's row is read once, from its first head to its last.</summary>
    /// <param name="heads">How many heads.</param>
    /// <param name="q">The token's queries, [keyHeads, group, d].</param>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="keys">A block of keys, [·, width].</param>
    /// <param name="first">The first of the block that counts.</param>
    /// <param name="count">How many.</param>
    /// <param name="scores">Their place in the first head's scores; heads are <see cref="RunKeys"/> apart.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scores<TNumbers>(DecodeHeads heads, float* q, float scale, byte* keys, int first, int count, float* scores) where TNumbers : struct, ICachedNumbers
    {
        int d = heads.Dimension, rowBytes = heads.Width * TNumbers.Bytes, ahead = Math.Max(1, BytesAhead / rowBytes) * rowBytes;
        keys += (long)first * rowBytes;
        for (int j = 0; j < count; j++)
        {
            Prefetch(keys + ahead, rowBytes);
            for (int head = 0; head < heads.KeyHeads; head++, keys += d * TNumbers.Bytes)
            {
                float* query = q + head * heads.Group * d, score = scores + head * heads.Group * RunKeys + j;
                int i = 0;
                for (; i <= heads.Group - 3; i += 3, query += 3 * d, score += 3 * RunKeys) ThreeDots<TNumbers>(keys, query, d, scale, score);
                for (; i < heads.Group; i++, query += d, score += RunKeys) *score = scale * Dot<TNumbers>(keys, query, d);
            }
        }
    }

    /// <summary>Scores become e^(score − the run's largest); the partial gets that largest and the sum of each head, and outputs of zero.</summary>
    public static void Exponentials(DecodeHeads heads, float* scores, int count, float* partial)
    {
        for (int head = 0; head < heads.Heads; head++) (partial[2 * head], partial[2 * head + 1]) = Exponentials(scores + head * RunKeys, count);
        new Span<float>(partial + 2 * heads.Heads, heads.Heads * heads.Dimension).Clear();
    }

    /// <summary>The partial's outputs [heads, d] += exponentials·values, four values at a time.</summary>
    /// <param name="heads">How many heads.</param>
    /// <param name="exponentials">Those of the values' keys: the first head's.</param>
    /// <param name="values">A block of values, [·, width].</param>
    /// <param name="first">The first of the block that counts.</param>
    /// <param name="count">How many.</param>
    /// <param name="partial">The run's partial.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddValues<TNumbers>(DecodeHeads heads, float* exponentials, byte* values, int first, int count, float* partial) where TNumbers : struct, ICachedNumbers
    {
        int d = heads.Dimension, rowBytes = heads.Width * TNumbers.Bytes, ahead = Math.Max(1, BytesAhead / rowBytes) * rowBytes, j = 0;
        float* results = partial + 2 * heads.Heads;
        values += (long)first * rowBytes;
        for (; j <= count - 4; j += 4, values += 4 * rowBytes)
        {
            Prefetch(values + ahead, 4 * rowBytes);
            for (int i = 0; i < heads.Heads; i++) AddFour<TNumbers>(exponentials + i * RunKeys + j, values + i / heads.Group * d * TNumbers.Bytes, rowBytes, results + i * d, d);
        }
        for (; j < count; j++, values += rowBytes)
            for (int i = 0; i < heads.Heads; i++) AddOne<TNumbers>(exponentials[i * RunKeys + j], values + i / heads.Group * d * TNumbers.Bytes, results + i * d, d);
    }

    // score[i · RunKeys] = scale · key·queries[i] of three heads
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ThreeDots<TNumbers>(byte* key, float* queries, int d, float scale, float* score) where TNumbers : struct, ICachedNumbers
    {
        float* q1 = queries + d, q2 = q1 + d;
        Vector<float> s0 = default, s1 = default, s2 = default;
        int i = 0, n = Vector<float>.Count;
        for (; i <= d - 2 * n; i += 2 * n)
        {
            TNumbers.Load(key, i, out Vector<float> low, out Vector<float> high);
            s0 = Vector.MultiplyAddEstimate(high, Vector.Load(queries + i + n), Vector.MultiplyAddEstimate(low, Vector.Load(queries + i), s0));
            s1 = Vector.MultiplyAddEstimate(high, Vector.Load(q1 + i + n), Vector.MultiplyAddEstimate(low, Vector.Load(q1 + i), s1));
            s2 = Vector.MultiplyAddEstimate(high, Vector.Load(q2 + i + n), Vector.MultiplyAddEstimate(low, Vector.Load(q2 + i), s2));
        }
        float t0 = Vector.Sum(s0), t1 = Vector.Sum(s1), t2 = Vector.Sum(s2);
        for (; i < d; i++)
        {
            float value = TNumbers.Get(key, i);
            t0 += value * queries[i];
            t1 += value * q1[i];
            t2 += value * q2[i];
        }
        score[0] = scale * t0;
        score[RunKeys] = scale * t1;
        score[2 * RunKeys] = scale * t2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot<TNumbers>(byte* key, float* query, int d) where TNumbers : struct, ICachedNumbers
    {
        Vector<float> s0 = default, s1 = default;
        int i = 0, n = Vector<float>.Count;
        for (; i <= d - 2 * n; i += 2 * n)
        {
            TNumbers.Load(key, i, out Vector<float> low, out Vector<float> high);
            s0 = Vector.MultiplyAddEstimate(low, Vector.Load(query + i), s0);
            s1 = Vector.MultiplyAddEstimate(high, Vector.Load(query + i + n), s1);
        }
        float sum = Vector.Sum(s0 + s1);
        for (; i < d; i++) sum += TNumbers.Get(key, i) * query[i];
        return sum;
    }

    // sum += p[0]·values[0] + … + p[3]·values[3]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour<TNumbers>(float* p, byte* values, int stride, float* sum, int d) where TNumbers : struct, ICachedNumbers
    {
        byte* v1 = values + stride, v2 = v1 + stride, v3 = v2 + stride;
        Vector<float> p0 = Vector.Create(p[0]), p1 = Vector.Create(p[1]), p2 = Vector.Create(p[2]), p3 = Vector.Create(p[3]);
        int i = 0, n = Vector<float>.Count;
        for (; i <= d - 2 * n; i += 2 * n)
        {
            TNumbers.Load(values, i, out Vector<float> low, out Vector<float> high);
            Vector<float> a = Vector.MultiplyAddEstimate(p0, low, Vector.Load(sum + i)), b = Vector.MultiplyAddEstimate(p0, high, Vector.Load(sum + i + n));
            TNumbers.Load(v1, i, out low, out high);
            (a, b) = (Vector.MultiplyAddEstimate(p1, low, a), Vector.MultiplyAddEstimate(p1, high, b));
            TNumbers.Load(v2, i, out low, out high);
            Vector<float> c = p2 * low, e = p2 * high;
            TNumbers.Load(v3, i, out low, out high);
            (a + Vector.MultiplyAddEstimate(p3, low, c)).Store(sum + i);
            (b + Vector.MultiplyAddEstimate(p3, high, e)).Store(sum + i + n);
        }
        for (; i < d; i++) sum[i] += p[0] * TNumbers.Get(values, i) + p[1] * TNumbers.Get(v1, i) + (p[2] * TNumbers.Get(v2, i) + p[3] * TNumbers.Get(v3, i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOne<TNumbers>(float p, byte* value, float* sum, int d) where TNumbers : struct, ICachedNumbers
    {
        Vector<float> factor = Vector.Create(p);
        int i = 0, n = Vector<float>.Count;
        for (; i <= d - 2 * n; i += 2 * n)
        {
            TNumbers.Load(value, i, out Vector<float> low, out Vector<float> high);
            Vector.MultiplyAddEstimate(factor, low, Vector.Load(sum + i)).Store(sum + i);
            Vector.MultiplyAddEstimate(factor, high, Vector.Load(sum + i + n)).Store(sum + i + n);
        }
        for (; i < d; i++) sum[i] += p * TNumbers.Get(value, i);
    }

    // Into the second-level cache: the first has too few places for lines on their way.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* from, int length)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < length; i += 64) Sse.Prefetch1(from + i);
    }

    /// <summary>y = the softmax-weighted mean over all runs; y is [heads, d].</summary>
    public static void Combine(float* partials, int runs, int heads, int d, float* y)
    {
        int size = PartialFloats(heads, d);
        for (int head = 0; head < heads; head++, y += d)
        {
            float* statistics = partials + 2 * head, results = partials + 2 * heads + head * d;
            float max = float.NegativeInfinity, total = 0;
            for (int b = 0; b < runs; b++) max = Math.Max(max, statistics[(long)b * size]);
            for (int b = 0; b < runs; b++)
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
