using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Leftover.Tensors.Gguf;

/// <summary>Blocks of 32 values: a float16 scale d and 32 signed bytes q; x = d·q.</summary>
public static class Q8_0
{
    /// <summary>Values in a block.</summary>
    public const int BlockValues = 32;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 2 + 32;

    /// <summary>Blocks to values.</summary>
    /// <param name="blocks">Whole blocks.</param>
    /// <param name="values">32 for each block.</param>
    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; !blocks.IsEmpty; blocks = blocks[BlockBytes..], values = values[BlockValues..])
        {
            float d = (float)BinaryPrimitives.ReadHalfLittleEndian(blocks);
            Nibbles.Store(Vector128.Create(blocks.Slice(2, 16)).AsSByte(), d, values);
            Nibbles.Store(Vector128.Create(blocks.Slice(18, 16)).AsSByte(), d, values[16..]);
        }
    }

    /// <summary>Values to blocks: d = max|x| / 127, q = x·(1/d) rounded half away from zero; d itself is stored as float16 after that.</summary>
    /// <param name="values">A multiple of 32.</param>
    /// <param name="blocks">34 bytes for each 32 values.</param>
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[BlockBytes..])
        {
            float largest = 0;
            for (int i = 0; i < BlockValues; i++) largest = MathF.Max(largest, MathF.Abs(values[i]));
            float d = largest / 127;
            float inverse = d == 0 ? 0 : 1 / d;
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)d);
            for (int i = 0; i < BlockValues; i++)
                blocks[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }
}
