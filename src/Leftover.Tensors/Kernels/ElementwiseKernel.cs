using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>A function of one number and its derivative, a vector at a time.</summary>
internal interface IElementFunction
{
    /// <summary>y = f(x).</summary>
    Vector<float> Value(Vector<float> x);

    /// <summary>f'(x), from x and y = f(x).</summary>
    Vector<float> Slope(Vector<float> x, Vector<float> y);
}

/// <summary>The loops over an <see cref="IElementFunction"/>; a tail goes through a vector of its own, so it gets the same bits as the body.</summary>
internal static unsafe class ElementwiseKernel
{
    /// <summary>y = f(x); both are [length].</summary>
    public static void Forward<TFunction>(TFunction function, float* x, float* y, long length)
        where TFunction : struct, IElementFunction =>
        RowKernel.ForElements(length, (_, start, end) => ForwardBlock(function, x + start, y + start, (int)(end - start)));

    /// <summary>dx = f'(x) ∘ dy, or dx += it; all are [length]. dx may be dy.</summary>
    public static void Backward<TFunction>(TFunction function, float* x, float* y, float* dy, float* dx, bool accumulate, long length)
        where TFunction : struct, IElementFunction =>
        RowKernel.ForElements(length, (_, start, end) => BackwardBlock(function, x + start, y + start, dy + start, dx + start, accumulate, (int)(end - start)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardBlock<TFunction>(TFunction function, float* x, float* y, int length)
        where TFunction : struct, IElementFunction
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) function.Value(Vector.Load(x + i)).Store(y + i);
        if (i < length) StoreTail(function.Value(LoadTail(x + i, length - i)), y + i, length - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardBlock<TFunction>(TFunction function, float* x, float* y, float* dy, float* dx, bool accumulate, int length)
        where TFunction : struct, IElementFunction
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> gradient = function.Slope(Vector.Load(x + i), Vector.Load(y + i)) * Vector.Load(dy + i);
            if (accumulate) gradient += Vector.Load(dx + i);
            gradient.Store(dx + i);
        }
        if (i == length) return;
        int tail = length - i;
        Vector<float> last = function.Slope(LoadTail(x + i, tail), LoadTail(y + i, tail)) * LoadTail(dy + i, tail);
        if (accumulate) last += LoadTail(dx + i, tail);
        StoreTail(last, dx + i, tail);
    }

    /// <summary>The last <paramref name="count"/> floats, less than a vector; the other lanes are 1.</summary>
    public static Vector<float> LoadTail(float* x, int count)
    {
        float* lanes = stackalloc float[Vector<float>.Count];
        for (int i = 0; i < Vector<float>.Count; i++) lanes[i] = i < count ? x[i] : 1;
        return Vector.Load(lanes);
    }

    /// <summary>Stores the first <paramref name="count"/> lanes.</summary>
    public static void StoreTail(Vector<float> value, float* y, int count)
    {
        for (int i = 0; i < count; i++) y[i] = value[i];
    }
}
