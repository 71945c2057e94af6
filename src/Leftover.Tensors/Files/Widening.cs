using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Files;

/// <summary>Stored numbers, little-endian and at any address, as float32; what float32 cannot hold is rounded half to even.</summary>
internal static class Widening
{
    public static void F32(ReadOnlySpan<byte> source, Span<float> destination) => source.CopyTo(MemoryMarshal.AsBytes(destination));

    public static void F16(ReadOnlySpan<byte> source, Span<float> destination) =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination);

    /// <summary>A bfloat16 is the upper half of a float32.</summary>
    public static unsafe void BF16(ReadOnlySpan<byte> source, Span<float> destination)
    {
        fixed (byte* from = source)
        fixed (float* to = destination) BFloat16.Widen((ushort*)from, to, source.Length / sizeof(ushort));
    }

    public static void F64(ReadOnlySpan<byte> source, Span<float> destination) => Convert<double>(source, destination);
    public static void I64(ReadOnlySpan<byte> source, Span<float> destination) => Convert<long>(source, destination);
    public static void I32(ReadOnlySpan<byte> source, Span<float> destination) => Convert<int>(source, destination);
    public static void I16(ReadOnlySpan<byte> source, Span<float> destination) => Convert<short>(source, destination);
    public static void I8(ReadOnlySpan<byte> source, Span<float> destination) => Convert<sbyte>(source, destination);
    public static void U64(ReadOnlySpan<byte> source, Span<float> destination) => Convert<ulong>(source, destination);
    public static void U32(ReadOnlySpan<byte> source, Span<float> destination) => Convert<uint>(source, destination);
    public static void U16(ReadOnlySpan<byte> source, Span<float> destination) => Convert<ushort>(source, destination);
    public static void U8(ReadOnlySpan<byte> source, Span<float> destination) => Convert<byte>(source, destination);

    /// <summary>1 where the byte is not 0.</summary>
    public static void Bool(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = source[i] != 0 ? 1 : 0;
    }

    private static void Convert<T>(ReadOnlySpan<byte> source, Span<float> destination) where T : unmanaged, INumberBase<T>
    {
        for (int i = 0; i < destination.Length; i++)
            destination[i] = float.CreateTruncating(MemoryMarshal.Read<T>(source[(i * Unsafe.SizeOf<T>())..]));
    }
}
