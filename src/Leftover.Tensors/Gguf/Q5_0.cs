using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Leftover.Tensors.Gguf;

/// <summary>Blocks of 32 values: a float16 scale d and 32 codes q of 5 bits; x = d·(q - 16).</summary>
/// <remarks>The fifth bits stand together in four bytes, code i's at bit i; the others as in <see cref="Q4_0"/>.</remarks>
public static class Q5_0
{
    /// <summary>Values in a block.</summary>
    public const int BlockValues = 32;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 2 + 4 + 16;

    /// <summary>Blocks to values.</summary>
    /// <param name="blocks">Whole blocks.</param>
    /// <param name="values">32 for each block.</param>
    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        var sixteen = Vector128.Create((sbyte)16);
        for (; !blocks.IsEmpty; blocks = blocks[BlockBytes..], values = values[BlockValues..])
        {
            float d = (float)BinaryPrimitives.ReadHalfLittleEndian(blocks);
            ushort firstFifths = BinaryPrimitives.ReadUInt16LittleEndian(blocks[2..]);
            ushort lastFifths = BinaryPrimitives.ReadUInt16LittleEndian(blocks[4..]);
            ReadOnlySpan<byte> packed = blocks.Slice(6, 16);
            Nibbles.Store((Nibbles.Low(packed) | Nibbles.FifthBits(firstFifths)).AsSByte() - sixteen, d, values);
            Nibbles.Store((Nibbles.High(packed) | Nibbles.FifthBits(lastFifths)).AsSByte() - sixteen, d, values[16..]);
        }
    }

    /// <summary>Values to blocks: d = (the value largest in magnitude) / -16, q = ⌊x·(1/d) + 16.5⌋, at most 31; d itself is stored as float16 after that.</summary>
    /// <param name="values">A multiple of 32.</param>
    /// <param name="blocks">22 bytes for each 32 values.</param>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[BlockBytes..])
        {
            float d = QuantRange.LargestInMagnitude(values[..BlockValues]) / -16;
            float inverse = QuantRange.Inverse(d);
            uint fifths = 0;
            for (int i = 0; i < 16; i++)
            {
                int first = QuantRange.Truncate(values[i] * inverse + 16.5f, 31);
                int last = QuantRange.Truncate(values[16 + i] * inverse + 16.5f, 31);
                fifths |= (uint)(first >> 4) << i | (uint)(last >> 4) << (16 + i);
                blocks[6 + i] = (byte)(first & 15 | (last & 15) << 4);
            }
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)d);
            BinaryPrimitives.WriteUInt32LittleEndian(blocks[2..], fifths);
        }
    }
}
