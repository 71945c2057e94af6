using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Softmax over one long row of logits.</summary>
internal static unsafe class SoftmaxKernel
{
    private const int Chunk = 1024;                     // floats added in single precision before the sum goes on in double
    private const int Stripe = 1024;                    // columns that a core sums alone

    /// <summary>The largest z, and Σ e^(z−max); with <paramref name="store"/>, z becomes e^(z−max). z is [n].</summary>
    public static (float Max, double Sum) Exponentials(float* z, int n, bool store)
    {
        float max = ReduceKernel.Max(z, n);
        double sum = 0;
        for (int start = 0; start < n; start += Chunk) sum += ExponentialsOfChunk(z + start, Math.Min(Chunk, n - start), max, store);
        return (max, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExponentialsOfChunk(float* z, int n, float max, bool store)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> shift = Vector.Create(max), s0 = default, s1 = default;
        for (; i <= n - 2 * width; i += 2 * width)
        {
            Vector<float> e0 = VectorMath.Exp(Vector.Load(z + i) - shift), e1 = VectorMath.Exp(Vector.Load(z + i + width) - shift);
            if (store)
            {
                e0.Store(z + i);
                e1.Store(z + i + width);
            }
            s0 += e0;
            s1 += e1;
        }
        float sum = Vector.Sum(s0 + s1);
        for (; i < n; i++)
        {
            float e = VectorMath.Exp(z[i] - max);
            if (store) z[i] = e;
            sum += e;
        }
        return sum;
    }

    /// <summary>Σ z²; z is [n].</summary>
    public static double SumOfSquares(float* z, int n)
    {
        double sum = 0;
        for (int start = 0; start < n; start += Chunk) sum += SumOfSquaresOfChunk(z + start, Math.Min(Chunk, n - start));
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumOfSquaresOfChunk(float* z, int n)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> s0 = default, s1 = default;
        for (; i <= n - 2 * width; i += 2 * width)
        {
            Vector<float> a = Vector.Load(z + i), b = Vector.Load(z + i + width);
            s0 += a * a;
            s1 += b * b;
        }
        float sum = Vector.Sum(s0 + s1);
        for (; i < n; i++) sum += z[i] * z[i];
        return sum;
    }

    /// <summary>z = factor · z; z is [n].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* z, float factor, int n)
    {
        int i = 0;
        for (; i <= n - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(z + i) * factor).Store(z + i);
        for (; i < n; i++) z[i] *= factor;
    }

    /// <summary>z = factor · e^(z − logSumExp); z is [n].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaledProbabilities(float* z, float logSumExp, float factor, int n)
    {
        Vector<float> shift = Vector.Create(logSumExp);
        int i = 0;
        for (; i <= n - Vector<float>.Count; i += Vector<float>.Count) (VectorMath.Exp(Vector.Load(z + i) - shift) * factor).Store(z + i);
        for (; i < n; i++) z[i] = VectorMath.Exp(z[i] - logSumExp) * factor;
    }

    /// <summary>sum = Σ over rows of x, or sum += it; x is [rows, columns] with <paramref name="stride"/> floats from row to row, sum is [columns].</summary>
    public static void SumColumns(float* x, int rows, int stride, int columns, float* sum, bool accumulate) => ThreadTeam.Shared.For(columns, Stripe, (_, start, end) =>
    {
        int width = (int)(end - start);
        if (!accumulate) new Span<float>(sum + start, width).Clear();
        for (int row = 0; row < rows; row++) RowKernel.AddVector(sum + start, x + (long)row * stride + start, width, 0, 1);
    });
}
