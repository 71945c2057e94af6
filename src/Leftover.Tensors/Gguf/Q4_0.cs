using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Leftover.Tensors.Gguf;

/// <summary>Blocks of 32 values: a float16 scale d and 32 codes q of 4 bits; x = d·(q - 8).</summary>
/// <remarks>Codes 0 to 15 are the low halves of the 16 bytes, codes 16 to 31 the high halves.</remarks>
public static class Q4_0
{
    /// <summary>Values in a block.</summary>
    public const int BlockValues = 32;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 2 + 16;

    /// <summary>Blocks to values.</summary>
    /// <param name="blocks">Whole blocks.</param>
    /// <param name="values">32 for each block.</param>
    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        var eight = Vector128.Create((sbyte)8);
        for (; !blocks.IsEmpty; blocks = blocks[BlockBytes..], values = values[BlockValues..])
        {
            float d = (float)BinaryPrimitives.ReadHalfLittleEndian(blocks);
            ReadOnlySpan<byte> packed = blocks.Slice(2, 16);
            Nibbles.Store(Nibbles.Low(packed).AsSByte() - eight, d, values);
            Nibbles.Store(Nibbles.High(packed).AsSByte() - eight, d, values[16..]);
        }
    }

    /// <summary>Values to blocks: d = (the value largest in magnitude) / -8, q = ⌊x·(1/d) + 8.5⌋, at most 15; d itself is stored as float16 after that.</summary>
    /// <param name="values">A multiple of 32.</param>
    /// <param name="blocks">18 bytes for each 32 values.</param>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[BlockBytes..])
        {
            float d = QuantRange.LargestInMagnitude(values[..BlockValues]) / -8;
            float inverse = QuantRange.Inverse(d);
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)d);
            for (int i = 0; i < 16; i++)
                blocks[2 + i] = (byte)(Code(values[i]) | Code(values[16 + i]) << 4);

            int Code(float x) => QuantRange.Truncate(x * inverse + 8.5f, 15);
        }
    }
}
