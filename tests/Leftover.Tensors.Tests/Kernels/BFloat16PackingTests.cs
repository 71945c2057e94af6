using Leftover.Tensors.Kernels;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>Panels of bf16 against their definition; with vectors of 512 bits too, which .NET computes in parts where the processor has none.</summary>
public sealed unsafe class BFloat16PackingTests
{
    private const float Untouched = 12345f;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_panel_holds_each_line_rounded_pair_after_pair(bool wide)
    {
        foreach (bool stepsAreRows in new[] { true, false })
            foreach (bool pairs in new[] { true, false })
                foreach ((int lines, int steps, int width) in new[] { (1, 1, 4), (4, 2, 4), (7, 3, 8), (8, 5, 8), (24, 33, 24), (23, 16, 24), (37, 40, 48), (48, 129, 48), (48, 257, 48), (90, 31, 48) })
                {
                    if (!stepsAreRows && lines > width) continue;            // one panel at a time
                    Check(stepsAreRows, pairs, lines, steps, width, wide);
                }
    }

    private static void Check(bool stepsAreRows, bool pairs, int lines, int steps, int width, bool wide)
    {
        var random = new RandomStream(2, "pack", lines, steps);
        int stride = (stepsAreRows ? lines : steps) + 3, panels = (lines + width - 1) / width, packed = (steps + 1) / 2 * (pairs ? 1 : 2);
        float[] source = new float[stride * (stepsAreRows ? steps : lines)], target = new float[panels * packed * width + 16];
        for (int i = 0; i < source.Length; i++)
            source[i] = random.Next(12) switch { 0 => float.NaN, 1 => float.NegativeInfinity, 2 => 1e-40f, 3 => float.MaxValue, 4 => -0f, _ => (float)random.NextNormal() };
        Array.Fill(target, Untouched);

        fixed (float* from = source, to = target)
            if (stepsAreRows) BFloat16Packing.Rows(from, stride, lines, steps, to, width, pairs, wide);
            else BFloat16Packing.Lines(from, stride, lines, steps, to, width, pairs, wide);

        float[] expected = new float[target.Length];
        Array.Fill(expected, Untouched);
        for (int line = 0; line < lines; line++)
            for (int step = 0; step < steps; step += 2)
            {
                int panel = line / width * packed * width + line % width;
                float even = Value(line, step), odd = step + 1 < steps ? Value(line, step + 1) : 0;
                if (pairs) expected[panel + step / 2 * width] = BitConverter.UInt32BitsToSingle(TileMemory.Pair(even, odd));
                else (expected[panel + step * width], expected[panel + (step + 1) * width]) = (NaiveBFloat16.Flush(odd), NaiveBFloat16.Flush(even));
            }
        for (int i = 0; i < target.Length; i++)
            Assert.True(
                BitConverter.SingleToUInt32Bits(expected[i]) == BitConverter.SingleToUInt32Bits(target[i]),
                $"rows {stepsAreRows}, pairs {pairs}, {lines} x {steps} in panels of {width}, wide {wide}: number {i} is {BitConverter.SingleToUInt32Bits(target[i]):X8}, not {BitConverter.SingleToUInt32Bits(expected[i]):X8}");

        float Value(int line, int step) => NaiveBFloat16.Nearest(source[stepsAreRows ? step * stride + line : line * stride + step]);
    }
}
