using System.Numerics.Tensors;

namespace Leftover.Tensors.Kernels;

/// <summary>Products and sums of whole tensors, on all cores.</summary>
internal static unsafe class ArithmeticKernel
{
    private const int SumBlock = 16384;

    /// <summary>y = factor · x, or y += it; both are [length]. y may be x.</summary>
    public static void Scale(float* x, float* y, float factor, bool accumulate, long length) => RowKernel.ForElements(length, (_, start, end) =>
    {
        ReadOnlySpan<float> from = new(x + start, (int)(end - start));
        Span<float> to = new(y + start, from.Length);
        if (accumulate) TensorPrimitives.MultiplyAdd(from, factor, to, to);
        else TensorPrimitives.Multiply(from, factor, to);
    });

    /// <summary>y = a ∘ b, or y += it; each of a and b has [length] numbers or one.</summary>
    public static void Multiply(float* a, int lengthA, float* b, int lengthB, float* y, bool accumulate, int length)
    {
        if (lengthA != length || lengthB != length)
        {
            if (lengthB != length) Scale(a, y, *b, accumulate, length);
            else Scale(b, y, *a, accumulate, length);
            return;
        }
        RowKernel.ForElements(length, (_, start, end) =>
        {
            ReadOnlySpan<float> x = new(a + start, (int)(end - start)), z = new(b + start, x.Length);
            Span<float> to = new(y + start, x.Length);
            if (accumulate) TensorPrimitives.MultiplyAdd(x, z, to, to);
            else TensorPrimitives.Multiply(x, z, to);
        });
    }

    /// <summary>Σ x, in double precision; x is [length].</summary>
    public static double Sum(float* x, long length)
    {
        double sum = 0;
        for (long i = 0; i < length; i++) sum += x[i];
        return sum;
    }

    /// <summary>Σ a ∘ b, in double precision; both are [length].</summary>
    public static double Dot(float* a, float* b, long length)
    {
        double sum = 0;
        for (long i = 0; i < length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
