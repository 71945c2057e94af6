using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Files;

/// <summary>float32 as stored numbers, little-endian, rounded half to even.</summary>
internal static class Narrowing
{
    public static void F32(ReadOnlySpan<float> source, Span<byte> destination) => MemoryMarshal.AsBytes(source).CopyTo(destination);

    /// <summary>From 65520 on a float16 is infinite.</summary>
    public static void F16(ReadOnlySpan<float> source, Span<byte> destination) =>
        TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination));

    /// <summary>A NaN keeps its upper half and becomes quiet.</summary>
    public static unsafe void BF16(ReadOnlySpan<float> source, Span<byte> destination)
    {
        fixed (float* from = source)
        fixed (byte* to = destination) BFloat16.Round(from, (ushort*)to, source.Length);
    }
}
