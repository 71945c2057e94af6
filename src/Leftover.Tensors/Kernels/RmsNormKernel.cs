using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>The rows of a root-mean-square norm: y = w ∘ x · s, with s = 1/sqrt(mean(x²) + ε).</summary>
internal static unsafe class RmsNormKernel
{
    /// <summary>Rows <paramref name="start"/> … <paramref name="end"/> forward; x and y are [N, C], weight is [C], inverseRms is [N] and gets s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* x, float* weight, float epsilon, float* y, float* inverseRms, int columns, long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            float* from = x + row * columns, to = y + row * columns;
            float s = 1 / MathF.Sqrt(ReduceKernel.SumOfSquares(from, 0, columns) / columns + epsilon);
            inverseRms[row] = s;
            int c = 0;
            for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count) (Vector.Load(from + c) * s * Vector.Load(weight + c)).Store(to + c);
            for (; c < columns; c++) to[c] = from[c] * s * weight[c];
        }
    }

    /// <summary>dw += Σ s·(dy ∘ x) over the rows; dw is [C].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardWeight(float* x, float* dy, float* inverseRms, float* dw, int columns, long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            float* from = x + row * columns, gradient = dy + row * columns;
            float s = inverseRms[row];
            int c = 0;
            for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
                Vector.MultiplyAddEstimate(Vector.Load(gradient + c), Vector.Load(from + c) * s, Vector.Load(dw + c)).Store(dw + c);
            for (; c < columns; c++) dw[c] += gradient[c] * (from[c] * s);
        }
    }

    /// <summary>dx = s·g − x·(s³/C)·Σ(g ∘ x) with g = w ∘ dy, or dx += it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardInput(float* x, float* weight, float* dy, float* inverseRms, float* dx, bool accumulate, int columns, long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            float* from = x + row * columns, gradient = dy + row * columns, into = dx + row * columns;
            float s = inverseRms[row];
            Vector<float> products = default;
            int c = 0;
            for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
                products = Vector.MultiplyAddEstimate(Vector.Load(gradient + c) * Vector.Load(weight + c), Vector.Load(from + c), products);
            float product = Vector.Sum(products);
            for (; c < columns; c++) product += gradient[c] * weight[c] * from[c];
            float pull = product * s * s * s / columns;

            for (c = 0; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
            {
                Vector<float> value = Vector.Load(gradient + c) * Vector.Load(weight + c) * s - Vector.Load(from + c) * pull;
                if (accumulate) value += Vector.Load(into + c);
                value.Store(into + c);
            }
            for (; c < columns; c++)
            {
                float value = gradient[c] * weight[c] * s - from[c] * pull;
                into[c] = accumulate ? into[c] + value : value;
            }
        }
    }
}
