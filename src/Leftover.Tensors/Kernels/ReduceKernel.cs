using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Sums over one row. Four vectors of partial sums hide the adder's latency; they are added once, at the end.</summary>
internal static unsafe class ReduceKernel
{
    /// <summary>Σ x; x is [n].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Sum(float* x, int n)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (; i <= n - 4 * width; i += 4 * width)
        {
            s0 += Vector.Load(x + i);
            s1 += Vector.Load(x + i + width);
            s2 += Vector.Load(x + i + 2 * width);
            s3 += Vector.Load(x + i + 3 * width);
        }
        for (; i <= n - width; i += width) s0 += Vector.Load(x + i);
        float sum = Vector.Sum(s0 + s1 + (s2 + s3));
        for (; i < n; i++) sum += x[i];
        return sum;
    }

    /// <summary>Σ (x − center)²; x is [n].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfSquares(float* x, float center, int n)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> c = Vector.Create(center), s0 = default, s1 = default, s2 = default, s3 = default;
        for (; i <= n - 4 * width; i += 4 * width)
        {
            Vector<float> d0 = Vector.Load(x + i) - c, d1 = Vector.Load(x + i + width) - c;
            Vector<float> d2 = Vector.Load(x + i + 2 * width) - c, d3 = Vector.Load(x + i + 3 * width) - c;
            s0 = Vector.MultiplyAddEstimate(d0, d0, s0);
            s1 = Vector.MultiplyAddEstimate(d1, d1, s1);
            s2 = Vector.MultiplyAddEstimate(d2, d2, s2);
            s3 = Vector.MultiplyAddEstimate(d3, d3, s3);
        }
        for (; i <= n - width; i += width)
        {
            Vector<float> d = Vector.Load(x + i) - c;
            s0 = Vector.MultiplyAddEstimate(d, d, s0);
        }
        float sum = Vector.Sum(s0 + s1 + (s2 + s3));
        for (; i < n; i++) sum += (x[i] - center) * (x[i] - center);
        return sum;
    }

    /// <summary>Σ a ∘ b; both are [n].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* a, float* b, int n)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (; i <= n - 4 * width; i += 4 * width)
        {
            s0 = Vector.MultiplyAddEstimate(Vector.Load(a + i), Vector.Load(b + i), s0);
            s1 = Vector.MultiplyAddEstimate(Vector.Load(a + i + width), Vector.Load(b + i + width), s1);
            s2 = Vector.MultiplyAddEstimate(Vector.Load(a + i + 2 * width), Vector.Load(b + i + 2 * width), s2);
            s3 = Vector.MultiplyAddEstimate(Vector.Load(a + i + 3 * width), Vector.Load(b + i + 3 * width), s3);
        }
        for (; i <= n - width; i += width) s0 = Vector.MultiplyAddEstimate(Vector.Load(a + i), Vector.Load(b + i), s0);
        float sum = Vector.Sum(s0 + s1 + (s2 + s3));
        for (; i < n; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>The largest of x; x is [n]; −∞ where n is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max(float* x, int n)
    {
        int width = Vector<float>.Count, i = 0;
        float max = float.NegativeInfinity;
        if (n >= width)
        {
            Vector<float> m0 = Vector.Create(max), m1 = m0;
            for (; i <= n - 2 * width; i += 2 * width)
            {
                m0 = Vector.Max(m0, Vector.Load(x + i));
                m1 = Vector.Max(m1, Vector.Load(x + i + width));
            }
            for (; i <= n - width; i += width) m0 = Vector.Max(m0, Vector.Load(x + i));
            m0 = Vector.Max(m0, m1);
            for (int lane = 0; lane < width; lane++) max = Math.Max(max, m0[lane]);
        }
        for (; i < n; i++) max = Math.Max(max, x[i]);
        return max;
    }
}
