using Leftover.Tensors.Gguf;

namespace Leftover.Tensors.Tests.Gguf;

/// <summary>The block formats against loops in double, one value at a time.</summary>
public class BlockFormatTests
{
    [Fact]
    public void Q8_0_is_scale_times_signed_byte() => Check(Q8_0.Dequantize, 34, (block, i) => Scale(block, 0) * (sbyte)block[2 + i]);

    [Fact]
    public void Q4_0_is_scale_times_code_around_8() => Check(Q4_0.Dequantize, 18, (block, i) => Scale(block, 0) * (Nibble(block, 2, i) - 8));

    [Fact]
    public void Q4_1_is_scale_times_code_above_the_minimum() => Check(Q4_1.Dequantize, 20, (block, i) => Scale(block, 0) * Nibble(block, 4, i) + Scale(block, 2));

    [Fact]
    public void Q5_0_is_scale_times_code_around_16() => Check(Q5_0.Dequantize, 22, (block, i) => Scale(block, 0) * (Nibble(block, 6, i) + 16 * Bit(block, 2, i) - 16));

    [Fact]
    public void Q5_1_is_scale_times_code_above_the_minimum() => Check(Q5_1.Dequantize, 24, (block, i) => Scale(block, 0) * (Nibble(block, 8, i) + 16 * Bit(block, 4, i)) + Scale(block, 2));

    [Theory]
    [InlineData(GgmlType.Q8_0, 254)]
    [InlineData(GgmlType.Q4_0, 14)]                  // 16 codes over twice the largest magnitude, and the far side is cut at code 15
    [InlineData(GgmlType.Q4_1, 30)]
    [InlineData(GgmlType.Q5_0, 30)]
    [InlineData(GgmlType.Q5_1, 62)]
    public void Values_come_back_within_half_a_step(GgmlType type, int halfStepsInRange)
    {
        GgmlCoding coding = GgmlCoding.Of(type)!;
        var random = new RandomStream(3, "values");
        float[] values = new float[64 * coding.BlockValues], back = new float[values.Length];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(2 * random.NextDouble() - 1);
        byte[] blocks = new byte[64 * coding.BlockBytes];
        coding.Encode!(values, blocks);
        coding.Decode!(blocks, back);
        for (int i = 0; i < values.Length; i++)
            Assert.InRange(Math.Abs(values[i] - back[i]), 0, 2.0 / halfStepsInRange * 1.01);      // float16 scales: 1 % more than enough
    }

    private static void Check(Action<ReadOnlySpan<byte>, Span<float>> dequantize, int blockBytes, Func<byte[], int, double> value)
    {
        const int blocks = 100;
        const float guard = -777;
        var random = new RandomStream(5, "blocks");
        byte[] stored = [.. Enumerable.Range(0, blocks * blockBytes).Select(_ => (byte)random.Next(256))];
        for (int block = 0; block < blocks; block++)
            stored[block * blockBytes + 1] = (byte)(stored[block * blockBytes + 1] & 0xBF);        // no infinite scale
        for (int block = 0; block < blocks; block++)
            stored[block * blockBytes + 3] &= 0xBF;
        float[] values = [.. Enumerable.Repeat(guard, blocks * 32 + 1)];
        dequantize(stored, values.AsSpan(0, blocks * 32));
        for (int block = 0; block < blocks; block++)
        {
            byte[] one = stored[(block * blockBytes)..((block + 1) * blockBytes)];
            for (int i = 0; i < 32; i++)
            {
                double expected = value(one, i);
                // Two roundings at most, each of half a unit in the last place of a term no larger than 40.
                Assert.Equal(expected, values[block * 32 + i], Math.Max(Math.Abs(expected), 40) * 1.2e-7);
            }
        }
        Assert.Equal(guard, values[^1]);
    }

    private static double Scale(byte[] block, int at) => (double)BitConverter.ToHalf(block, at);

    private static int Nibble(byte[] block, int at, int i) => i < 16 ? block[at + i] & 15 : block[at + i - 16] >> 4;

    private static int Bit(byte[] block, int at, int i) => block[at + i / 8] >> i % 8 & 1;
}
