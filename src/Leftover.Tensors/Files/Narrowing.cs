using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Leftover.Tensors.Files;

/// <summary>float32 as stored numbers, little-endian, rounded half to even.</summary>
internal static class Narrowing
{
    public static void F32(ReadOnlySpan<float> source, Span<byte> destination) => MemoryMarshal.AsBytes(source).CopyTo(destination);

    /// <summary>From 65520 on a float16 is infinite.</summary>
    public static void F16(ReadOnlySpan<float> source, Span<byte> destination) =>
        TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination));

    /// <summary>The upper half of the bits, after adding what carries into it when the lower half is more than a tie, or a tie above an odd one.</summary>
    /// <remarks>A NaN keeps its upper half and becomes quiet; the addition could turn it into an infinity.</remarks>
    public static void BF16(ReadOnlySpan<float> source, Span<byte> destination)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(source);
        Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(destination);
        int lanes = Vector<uint>.Count, i = 0;
        for (; i <= bits.Length - 2 * lanes; i += 2 * lanes)
            Vector.Narrow(RoundToUpperHalf(new Vector<uint>(bits[i..])), RoundToUpperHalf(new Vector<uint>(bits[(i + lanes)..]))).CopyTo(halves[i..]);
        for (; i < bits.Length; i++) halves[i] = RoundToUpperHalf(bits[i]);
    }

    private static Vector<uint> RoundToUpperHalf(Vector<uint> bits)
    {
        Vector<uint> upper = bits >>> 16;
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + (upper & Vector<uint>.One)) >>> 16;
        Vector<uint> isNaN = Vector.GreaterThan(bits & new Vector<uint>(0x7FFFFFFF), new Vector<uint>(0x7F800000));
        return Vector.ConditionalSelect(isNaN, upper | new Vector<uint>(0x40), rounded);
    }

    private static ushort RoundToUpperHalf(uint bits)
    {
        uint upper = bits >> 16;
        return (ushort)((bits & 0x7FFFFFFF) > 0x7F800000 ? upper | 0x40 : (bits + 0x7FFF + (upper & 1)) >> 16);
    }
}
