using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>The rows of a layer norm: y = w ∘ (x − mean)/σ + b.</summary>
internal static unsafe class LayerNormKernel
{
    /// <summary>Rows <paramref name="start"/> … <paramref name="end"/> forward; x and y are [N, C], weight and bias [C], statistics [N, 2] and gets each row's mean and 1/σ.</summary>
    /// <remarks>The bias may be null.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* x, float* weight, float* bias, float epsilon, float* y, float* statistics, int columns, long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            float* from = x + row * columns, to = y + row * columns;
            float mean = ReduceKernel.Sum(from, columns) / columns;
            float inverse = 1 / MathF.Sqrt(ReduceKernel.SumOfSquares(from, mean, columns) / columns + epsilon);
            statistics[2 * row] = mean;
            statistics[2 * row + 1] = inverse;

            Vector<float> means = Vector.Create(mean), inverses = Vector.Create(inverse);
            int c = 0;
            for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
            {
                Vector<float> normal = (Vector.Load(from + c) - means) * inverses;
                Vector<float> shift = bias == null ? Vector<float>.Zero : Vector.Load(bias + c);
                Vector.MultiplyAddEstimate(normal, Vector.Load(weight + c), shift).Store(to + c);
            }
            for (; c < columns; c++) to[c] = (from[c] - mean) * inverse * weight[c] + (bias == null ? 0 : bias[c]);
        }
    }

    /// <summary>dw += Σ dy ∘ x̂ and db += Σ dy over the rows; both are [C].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardWeights(float* x, float* dy, float* statistics, float* dw, float* db, int columns, long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            float* from = x + row * columns, gradient = dy + row * columns;
            float mean = statistics[2 * row], inverse = statistics[2 * row + 1];
            Vector<float> means = Vector.Create(mean), inverses = Vector.Create(inverse);
            int c = 0;
            for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
            {
                Vector<float> g = Vector.Load(gradient + c);
                Vector.MultiplyAddEstimate(g, (Vector.Load(from + c) - means) * inverses, Vector.Load(dw + c)).Store(dw + c);
                (Vector.Load(db + c) + g).Store(db + c);
            }
            for (; c < columns; c++)
            {
                dw[c] += gradient[c] * ((from[c] - mean) * inverse);
                db[c] += gradient[c];
            }
        }
    }

    /// <summary>dx = (g − mean(g) − x̂·mean(g ∘ x̂))/σ with g = w ∘ dy, or dx += it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardInput(float* x, float* weight, float* dy, float* statistics, float* dx, bool accumulate, int columns, long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            float* from = x + row * columns, gradient = dy + row * columns, into = dx + row * columns;
            float mean = statistics[2 * row], inverse = statistics[2 * row + 1];
            Vector<float> means = Vector.Create(mean), inverses = Vector.Create(inverse), sums = default, products = default;
            int c = 0;
            for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
            {
                Vector<float> g = Vector.Load(gradient + c) * Vector.Load(weight + c);
                sums += g;
                products = Vector.MultiplyAddEstimate(g, (Vector.Load(from + c) - means) * inverses, products);
            }
            float sum = Vector.Sum(sums), product = Vector.Sum(products);
            for (; c < columns; c++)
            {
                float g = gradient[c] * weight[c];
                sum += g;
                product += g * ((from[c] - mean) * inverse);
            }
            sum /= columns;
            product /= columns;

            Vector<float> meanG = Vector.Create(sum), meanGx = Vector.Create(product);
            for (c = 0; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
            {
                Vector<float> normal = (Vector.Load(from + c) - means) * inverses;
                Vector<float> value = (Vector.Load(gradient + c) * Vector.Load(weight + c) - meanG - normal * meanGx) * inverses;
                if (accumulate) value += Vector.Load(into + c);
                value.Store(into + c);
            }
            for (; c < columns; c++)
            {
                float value = (gradient[c] * weight[c] - sum - (from[c] - mean) * inverse * product) * inverse;
                into[c] = accumulate ? into[c] + value : value;
            }
        }
    }
}
