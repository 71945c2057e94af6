using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Numbers of bfloat16: the upper half of a float's bits.</summary>
internal static unsafe class BFloat16
{
    /// <summary>The nearest one, of two as near the even one; a NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)(float.IsNaN(value) ? bits >> 16 | 0x40 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    /// <summary>Its float, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>Rounds <paramref name="length"/> floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Round(float* from, ushort* to, int length)
    {
        int i = 0, lanes = Vector<float>.Count;
        for (; i <= length - 2 * lanes; i += 2 * lanes) Vector.Narrow(Round(Vector.Load(from + i)), Round(Vector.Load(from + i + lanes))).Store(to + i);
        for (; i < length; i++) to[i] = Round(from[i]);
    }

    /// <summary>Two numbers a word: the first's 16 bits below the second's; all are [length].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RoundPairs(float* lower, float* upper, uint* to, int length)
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) (Round(Vector.Load(lower + i)) | Round(Vector.Load(upper + i)) << 16).Store(to + i);
        for (; i < length; i++) to[i] = Round(lower[i]) | (uint)Round(upper[i]) << 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Round(Vector<float> values)
    {
        Vector<uint> bits = Vector.AsVectorUInt32(values), upper = bits >>> 16;
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + (upper & Vector<uint>.One)) >>> 16;
        return Vector.ConditionalSelect(Vector.Equals(values, values).As<int, uint>(), rounded, upper | new Vector<uint>(0x40));
    }

    /// <summary>Widens <paramref name="length"/> numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(ushort* from, float* to, int length)
    {
        int i = 0;
        for (; i <= length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Load(from + i, out Vector<float> low, out Vector<float> high);
            low.Store(to + i);
            high.Store(to + i + Vector<float>.Count);
        }
        for (; i < length; i++) to[i] = Widen(from[i]);
    }

    /// <summary>Two vectors of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(ushort* from, out Vector<float> low, out Vector<float> high)
    {
        Vector.Widen(Vector.Load(from), out Vector<uint> first, out Vector<uint> second);
        low = Vector.AsVectorSingle(first << 16);
        high = Vector.AsVectorSingle(second << 16);
    }
}
