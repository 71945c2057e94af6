using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace Leftover.Tensors.Gguf;

/// <summary>Blocks of 32 values: a float16 scale d, a float16 minimum m and 32 codes q of 4 bits; x = d·q + m.</summary>
/// <remarks>Codes 0 to 15 are the low halves of the 16 bytes, codes 16 to 31 the high halves.</remarks>
public static class Q4_1
{
    /// <summary>Values in a block.</summary>
    public const int BlockValues = 32;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 2 + 2 + 16;

    /// <summary>Blocks to values.</summary>
    /// <param name="blocks">Whole blocks.</param>
    /// <param name="values">32 for each block.</param>
    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; !blocks.IsEmpty; blocks = blocks[BlockBytes..], values = values[BlockValues..])
        {
            float d = (float)BinaryPrimitives.ReadHalfLittleEndian(blocks);
            float m = (float)BinaryPrimitives.ReadHalfLittleEndian(blocks[2..]);
            ReadOnlySpan<byte> packed = blocks.Slice(4, 16);
            Nibbles.Store(Nibbles.Low(packed), d, m, values);
            Nibbles.Store(Nibbles.High(packed), d, m, values[16..]);
        }
    }

    /// <summary>Values to blocks: m = the smallest, d = (largest - m) / 15, q = ⌊(x - m)·(1/d) + 0.5⌋, at most 15; d and m are stored as float16 after that.</summary>
    /// <param name="values">A multiple of 32.</param>
    /// <param name="blocks">20 bytes for each 32 values.</param>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[BlockBytes..])
        {
            float m = TensorPrimitives.Min(values[..BlockValues]);
            float d = (TensorPrimitives.Max(values[..BlockValues]) - m) / 15;
            float inverse = QuantRange.Inverse(d);
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)d);
            BinaryPrimitives.WriteHalfLittleEndian(blocks[2..], (Half)m);
            for (int i = 0; i < 16; i++)
                blocks[4 + i] = (byte)(Code(values[i]) | Code(values[16 + i]) << 4);

            int Code(float x) => QuantRange.Truncate((x - m) * inverse + 0.5f, 15);
        }
    }
}
