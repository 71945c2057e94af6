using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Reads numbers as a cache holds them.</summary>
internal unsafe interface ICachedNumbers
{
    /// <summary>Bytes of a number.</summary>
    static abstract int Bytes { get; }

    /// <summary>The number at <paramref name="index"/>.</summary>
    static abstract float Get(byte* numbers, int index);

    /// <summary>Two vectors from <paramref name="index"/> on.</summary>
    static abstract void Load(byte* numbers, int index, out Vector<float> low, out Vector<float> high);
}

/// <summary>Floats.</summary>
internal readonly unsafe struct WideNumbers : ICachedNumbers
{
    public static int Bytes => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Get(byte* numbers, int index) => ((float*)numbers)[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* numbers, int index, out Vector<float> low, out Vector<float> high)
    {
        low = Vector.Load((float*)numbers + index);
        high = Vector.Load((float*)numbers + index + Vector<float>.Count);
    }
}

/// <summary>bfloat16.</summary>
internal readonly unsafe struct NarrowNumbers : ICachedNumbers
{
    public static int Bytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Get(byte* numbers, int index) => BFloat16.Widen(((ushort*)numbers)[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* numbers, int index, out Vector<float> low, out Vector<float> high) => BFloat16.Load((ushort*)numbers + index, out low, out high);
}
