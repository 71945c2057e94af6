using System.Numerics;

namespace Leftover.Tensors.Kernels;

/// <summary>Attention of one new token to a long run of cached keys and values, which are read once, whole rows at a time.</summary>
/// <remarks>The run is cut into blocks; each gives a partial softmax for all heads, and the partials are combined in the blocks' order.</remarks>
internal static unsafe class DecodeKernel
{
    /// <summary>Keys of a block.</summary>
    public const int BlockKeys = 128;

    /// <summary>Floats of one block's partial result: for each head its maximum, its sum and its unscaled output, after scores for all.</summary>
    public static int PartialFloats(int heads, int dimension) => AttentionKernel.Round(heads * BlockKeys + heads * (dimension + 2));

    /// <summary>The partial softmax of <paramref name="count"/> keys.</summary>
    /// <param name="q">The token's queries, [heads, d].</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyHeads">Heads of keys and values.</param>
    /// <param name="d">Numbers of a head.</param>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="keys">[count, keyHeads · d].</param>
    /// <param name="values">[count, keyHeads · d].</param>
    /// <param name="count">Keys of this block, at least 1.</param>
    /// <param name="partial"><see cref="PartialFloats"/> floats.</param>
    public static void Partial(float* q, int heads, int keyHeads, int d, float scale, float* keys, float* values, int count, float* partial)
    {
        int width = keyHeads * d, group = heads / keyHeads;
        float* scores = partial, results = partial + heads * BlockKeys;
        int first = 0;
        for (; first <= count - 4; first += 4)
            for (int head = 0; head < heads; head++)
                FourDots(q + head * d, keys + (long)first * width + head / group * d, width, d, scale, scores + head * BlockKeys + first);
        for (; first < count; first++)
            for (int head = 0; head < heads; head++)
                scores[head * BlockKeys + first] = scale * ReduceKernel.Dot(q + head * d, keys + (long)first * width + head / group * d, d);

        for (int head = 0; head < heads; head++)
        {
            float* row = scores + head * BlockKeys, result = results + head * (d + 2);
            float max = ReduceKernel.Max(row, count);
            for (int j = count; j < BlockKeys; j++) row[j] = float.NegativeInfinity;
            Vector<float> shift = Vector.Create(max), sum = Vector<float>.Zero;
            for (int j = 0; j < BlockKeys; j += Vector<float>.Count)
            {
                Vector<float> e = VectorMath.Exp(Vector.Load(row + j) - shift);
                e.Store(row + j);
                sum += e;
            }
            result[0] = max;
            result[1] = Vector.Sum(sum);
            new Span<float>(result + 2, d).Clear();
        }

        first = 0;
        for (; first <= count - 4; first += 4)
            for (int head = 0; head < heads; head++)
                AddFour(scores + head * BlockKeys + first, values + (long)first * width + head / group * d, width, results + head * (d + 2) + 2, d);
        for (; first < count; first++)
            for (int head = 0; head < heads; head++)
                AddOne(scores[head * BlockKeys + first], values + (long)first * width + head / group * d, results + head * (d + 2) + 2, d);
    }

    /// <summary>y = the softmax-weighted mean over all blocks; y is [heads, d].</summary>
    public static void Combine(float* partials, int blocks, int heads, int d, float* y)
    {
        int stride = PartialFloats(heads, d);
        for (int head = 0; head < heads; head++)
        {
            float* first = partials + heads * BlockKeys + head * (d + 2), to = y + head * d;
            float max = float.NegativeInfinity, total = 0;
            for (int b = 0; b < blocks; b++) max = Math.Max(max, first[(long)b * stride]);
            for (int b = 0; b < blocks; b++)
            {
                float* result = first + (long)b * stride;
                float weight = VectorMath.Exp(result[0] - max);
                total += weight * result[1];
                AttentionKernel.Unstack(result + 2, weight, to, d, accumulate: b > 0);
            }
            SoftmaxKernel.Scale(to, 1 / total, d);
        }
    }

    // scores[i] = scale · q·keys[i] of four keys
    private static void FourDots(float* q, float* keys, int stride, int d, float scale, float* scores)
    {
        float* k1 = keys + stride, k2 = k1 + stride, k3 = k2 + stride;
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> x = Vector.Load(q + i);
            s0 = Vector.MultiplyAddEstimate(x, Vector.Load(keys + i), s0);
            s1 = Vector.MultiplyAddEstimate(x, Vector.Load(k1 + i), s1);
            s2 = Vector.MultiplyAddEstimate(x, Vector.Load(k2 + i), s2);
            s3 = Vector.MultiplyAddEstimate(x, Vector.Load(k3 + i), s3);
        }
        float t0 = Vector.Sum(s0), t1 = Vector.Sum(s1), t2 = Vector.Sum(s2), t3 = Vector.Sum(s3);
        for (; i < d; i++)
        {
            t0 += q[i] * keys[i];
            t1 += q[i] * k1[i];
            t2 += q[i] * k2[i];
            t3 += q[i] * k3[i];
        }
        scores[0] = scale * t0;
        scores[1] = scale * t1;
        scores[2] = scale * t2;
        scores[3] = scale * t3;
    }

    private static void AddFour(float* p, float* values, int stride, float* sum, int d)
    {
        float* v1 = values + stride, v2 = v1 + stride, v3 = v2 + stride;
        Vector<float> p0 = Vector.Create(p[0]), p1 = Vector.Create(p[1]), p2 = Vector.Create(p[2]), p3 = Vector.Create(p[3]);
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> a = Vector.MultiplyAddEstimate(p0, Vector.Load(values + i), Vector.Load(sum + i));
            Vector<float> b = Vector.MultiplyAddEstimate(p1, Vector.Load(v1 + i), p2 * Vector.Load(v2 + i));
            Vector.MultiplyAddEstimate(p3, Vector.Load(v3 + i), a + b).Store(sum + i);
        }
        for (; i < d; i++) sum[i] += p[0] * values[i] + p[1] * v1[i] + (p[2] * v2[i] + p[3] * v3[i]);
    }

    private static void AddOne(float p, float* value, float* sum, int d)
    {
        int i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
            Vector.MultiplyAddEstimate(Vector.Create(p), Vector.Load(value + i), Vector.Load(sum + i)).Store(sum + i);
        for (; i < d; i++) sum[i] += p * value[i];
    }
}
