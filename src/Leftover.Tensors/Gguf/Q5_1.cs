using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace Leftover.Tensors.Gguf;

/// <summary>Blocks of 32 values: a float16 scale d, a float16 minimum m and 32 codes q of 5 bits; x = d·q + m.</summary>
/// <remarks>The fifth bits stand together in four bytes, code i's at bit i; the others as in <see cref="Q4_1"/>.</remarks>
public static class Q5_1
{
    /// <summary>Values in a block.</summary>
    public const int BlockValues = 32;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 2 + 2 + 4 + 16;

    /// <summary>Blocks to values.</summary>
    /// <param name="blocks">Whole blocks.</param>
    /// <param name="values">32 for each block.</param>
    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; !blocks.IsEmpty; blocks = blocks[BlockBytes..], values = values[BlockValues..])
        {
            float d = (float)BinaryPrimitives.ReadHalfLittleEndian(blocks);
            float m = (float)BinaryPrimitives.ReadHalfLittleEndian(blocks[2..]);
            ushort firstFifths = BinaryPrimitives.ReadUInt16LittleEndian(blocks[4..]);
            ushort lastFifths = BinaryPrimitives.ReadUInt16LittleEndian(blocks[6..]);
            ReadOnlySpan<byte> packed = blocks.Slice(8, 16);
            Nibbles.Store(Nibbles.Low(packed) | Nibbles.FifthBits(firstFifths), d, m, values);
            Nibbles.Store(Nibbles.High(packed) | Nibbles.FifthBits(lastFifths), d, m, values[16..]);
        }
    }

    /// <summary>Values to blocks: m = the smallest, d = (largest - m) / 31, q = ⌊(x - m)·(1/d) + 0.5⌋, at most 31; d and m are stored as float16 after that.</summary>
    /// <param name="values">A multiple of 32.</param>
    /// <param name="blocks">24 bytes for each 32 values.</param>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[BlockBytes..])
        {
            float m = TensorPrimitives.Min(values[..BlockValues]);
            float d = (TensorPrimitives.Max(values[..BlockValues]) - m) / 31;
            float inverse = QuantRange.Inverse(d);
            uint fifths = 0;
            for (int i = 0; i < 16; i++)
            {
                int first = QuantRange.Truncate((values[i] - m) * inverse + 0.5f, 31);
                int last = QuantRange.Truncate((values[16 + i] - m) * inverse + 0.5f, 31);
                fifths |= (uint)(first >> 4) << i | (uint)(last >> 4) << (16 + i);
                blocks[8 + i] = (byte)(first & 15 | (last & 15) << 4);
            }
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)d);
            BinaryPrimitives.WriteHalfLittleEndian(blocks[2..], (Half)m);
            BinaryPrimitives.WriteUInt32LittleEndian(blocks[4..], fifths);
        }
    }
}
