using System.Runtime.Intrinsics;

namespace Leftover.Tensors.Gguf;

/// <summary>Sixteen small integers at a time, to float32.</summary>
/// <remarks>Multiplication and addition stay apart: a fused one would round otherwise than the format's reference.</remarks>
internal static class Nibbles
{
    /// <summary>The low four bits of 16 bytes: a block's first 16 values.</summary>
    public static Vector128<byte> Low(ReadOnlySpan<byte> packed) => Vector128.Create(packed) & Vector128.Create((byte)0x0F);

    /// <summary>The high four bits of 16 bytes: a block's last 16 values.</summary>
    public static Vector128<byte> High(ReadOnlySpan<byte> packed) => Vector128.ShiftRightLogical(Vector128.Create(packed), 4);

    /// <summary>16 where the bit is set, else 0: the fifth bits of 16 values.</summary>
    public static Vector128<byte> FifthBits(ushort bits)
    {
        const ulong everyByte = 0x0101010101010101, eachBit = 0x8040201008040201;
        Vector128<byte> mask = Vector128.Create(eachBit, eachBit).AsByte();
        Vector128<byte> spread = Vector128.Create((ulong)(bits & 0xFF) * everyByte, (ulong)(bits >> 8) * everyByte).AsByte();
        return Vector128.Equals(spread & mask, mask) & Vector128.Create((byte)16);
    }

    /// <summary>values[i] = d·quants[i] for 16 signed quants.</summary>
    public static void Store(Vector128<sbyte> quants, float d, Span<float> values)
    {
        var wide = Vector256.Create(Vector128.WidenLower(quants), Vector128.WidenUpper(quants));
        var scale = Vector256.Create(d);
        (Vector256.ConvertToSingle(Vector256.WidenLower(wide)) * scale).CopyTo(values);
        (Vector256.ConvertToSingle(Vector256.WidenUpper(wide)) * scale).CopyTo(values[8..]);
    }

    /// <summary>values[i] = d·quants[i] + m for 16 quants.</summary>
    public static void Store(Vector128<byte> quants, float d, float m, Span<float> values)
    {
        var wide = Vector256.Create(Vector128.WidenLower(quants), Vector128.WidenUpper(quants)).AsInt16();
        (Vector256<float> scale, Vector256<float> minimum) = (Vector256.Create(d), Vector256.Create(m));
        (Vector256.ConvertToSingle(Vector256.WidenLower(wide)) * scale + minimum).CopyTo(values);
        (Vector256.ConvertToSingle(Vector256.WidenUpper(wide)) * scale + minimum).CopyTo(values[8..]);
    }
}
