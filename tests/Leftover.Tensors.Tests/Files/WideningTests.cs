using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Leftover.Tensors.Files;

namespace Leftover.Tensors.Tests.Files;

public class WideningTests
{
    private const float Guard = -777;

    [Fact]
    public void Bfloat16_of_every_length_becomes_the_upper_half_of_a_float()
    {
        byte[] stored = [.. Enumerable.Range(0, 2 * 256).Select(i => (byte)(i * 89 + 7))];
        for (int count = 0; count <= 256; count++)
        {
            float[] values = [.. Enumerable.Repeat(Guard, count + 1)];
            Widening.BF16(stored.AsSpan(0, 2 * count), values.AsSpan(0, count));
            for (int i = 0; i < count; i++)
                Assert.Equal((uint)BinaryPrimitives.ReadUInt16LittleEndian(stored.AsSpan(2 * i)) << 16, BitConverter.SingleToUInt32Bits(values[i]));
            Assert.Equal(Guard, values[count]);
        }
    }

    [Fact]
    public void Every_float16_code_becomes_sign_times_fraction_times_a_power_of_two()
    {
        for (int code = 0; code < 65536; code++)
        {
            int exponent = code >> 10 & 31, fraction = code & 1023;
            double magnitude = exponent switch
            {
                0 => fraction * Math.Pow(2, -24),
                31 => fraction == 0 ? double.PositiveInfinity : double.NaN,
                _ => (1024 + fraction) * Math.Pow(2, exponent - 25),
            };
            float[] value = new float[1];
            Widening.F16([(byte)code, (byte)(code >> 8)], value);
            Assert.Equal(code < 32768 ? magnitude : -magnitude, value[0]);
        }
    }

    [Fact]
    public void Bfloat16_of_every_length_is_the_nearest_and_at_a_tie_the_even_one()
    {
        var random = new RandomStream(1, "bf16");
        float[] values = new float[256];
        for (int i = 0; i < values.Length; i++)
            values[i] = BitConverter.UInt32BitsToSingle((uint)random.NextBits() & 0xFFFF0000 | (uint)(i % 4) switch { 0 => 0x8000, 1 => 0x7FFF, 2 => 0x8001, _ => (uint)random.Next(65536) });
        for (int count = 0; count <= 256; count++)
        {
            ushort[] stored = [.. Enumerable.Repeat((ushort)0xABCD, count + 1)];
            Narrowing.BF16(values.AsSpan(0, count), MemoryMarshal.AsBytes(stored.AsSpan(0, count)));
            for (int i = 0; i < count; i++) Assert.Equal(NearestBfloat16(values[i]), stored[i]);
            Assert.Equal(0xABCD, stored[count]);
        }
    }

    [Theory]
    [InlineData(65504f, 65504f)]
    [InlineData(65519.996f, 65504f)]
    [InlineData(65520f, float.PositiveInfinity)]
    [InlineData(2049f, 2048f)]                        // ties between 2048 and 2050: the even fraction
    [InlineData(2051f, 2052f)]
    [InlineData(2.9802322e-8f, 0f)]                   // half of the smallest: a tie with zero
    [InlineData(2.9802326e-8f, 5.9604645e-8f)]
    public void Float16_rounds_half_to_even_and_overflows_from_65520(float value, float expected)
    {
        byte[] stored = new byte[2];
        Narrowing.F16([value], stored);
        Assert.Equal(expected, (float)BinaryPrimitives.ReadHalfLittleEndian(stored));
    }

    // The two neighbours in double: the nearer one, and at a tie the one whose last bit is 0.
    private static ushort NearestBfloat16(float value)
    {
        ushort down = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        if (float.IsNaN(value)) return (ushort)(down | 0x40);
        if (float.IsInfinity(value)) return down;
        ushort up = (ushort)(down + 1);
        double below = Exact(down), above = (up & 0x7FFF) == 0x7F80 ? Math.CopySign(Math.Pow(2, 128), value) : Exact(up);
        double toBelow = Math.Abs(value - below), toAbove = Math.Abs(above - value);
        return toBelow < toAbove || toBelow == toAbove && (down & 1) == 0 ? down : up;

        static double Exact(ushort code) => BitConverter.UInt32BitsToSingle((uint)code << 16);
    }
}
