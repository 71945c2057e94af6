using System.Numerics;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>The loops over one row, on every length from 0 to 256, against double precision; the numbers beside a row stay as they are.</summary>
public sealed unsafe class LoopKernelTests
{
    private const int Longest = 256;
    private const float Guard = 77.25f;

    [Fact]
    public void Sums_agree_on_every_length() => ForEveryLength((x, n) =>
    {
        double[] values = Values(x, n);
        AssertClose(values.Sum(), ReduceKernel.Sum(x, n), values.Sum(Math.Abs));
        AssertClose(values.Sum(v => (v - 0.5) * (v - 0.5)), ReduceKernel.SumOfSquares(x, 0.5f, n), values.Sum(v => (v - 0.5) * (v - 0.5)));
        AssertClose(values.Sum(v => v * v), ReduceKernel.Dot(x, x, n), values.Sum(v => v * v));
        Assert.Equal(n == 0 ? float.NegativeInfinity : (float)values.Max(), ReduceKernel.Max(x, n));
    });

    [Fact]
    public void Softmax_agrees_on_every_length() => ForEveryLength((x, n) =>
    {
        if (n == 0) return;
        double[] values = Values(x, n);
        double max = values.Max(), sum = values.Sum(v => Math.Exp(v - max));
        (float measuredMax, double measuredSum) = SoftmaxKernel.Exponentials(x, n, store: false);
        Assert.Equal((float)max, measuredMax);
        AssertClose(sum, (float)measuredSum, sum);
        Assert.Equal(values, Values(x, n));                                // not stored
        (_, double storedSum) = SoftmaxKernel.Exponentials(x, n, store: true);
        Assert.Equal(measuredSum, storedSum);
        for (int i = 0; i < n; i++) Assert.Equal(Math.Exp(values[i] - max), x[i], 3e-7);
    });

    [Fact]
    public void Probabilities_and_scales_agree_on_every_length() => ForEveryLength((x, n) =>
    {
        double[] values = Values(x, n);
        SoftmaxKernel.ScaledProbabilities(x, 1.5f, -2, n);
        for (int i = 0; i < n; i++) AssertClose(-2 * Math.Exp((float)values[i] - 1.5f), x[i], 2 * Math.Exp(values[i] - 1.5));     // the difference is rounded first
        float[] before = new Span<float>(x, n).ToArray();
        SoftmaxKernel.Scale(x, 0.25f, n);
        for (int i = 0; i < n; i++) Assert.Equal(before[i] * 0.25f, x[i]);
    });

    [Fact]
    public void Functions_and_slopes_give_a_tail_the_bits_of_a_body() => ForEveryLength((x, n) =>
    {
        float[] y = new float[n + Vector<float>.Count], slope = new float[n + Vector<float>.Count], ones = new float[n + Vector<float>.Count];
        Array.Fill(ones, 1);
        fixed (float* py = y, ps = slope, one = ones)
        {
            ElementwiseKernel.Forward(default(GeluTanh), x, py, n);
            ElementwiseKernel.Backward(default(GeluTanh), x, py, one, ps, accumulate: false, n);
            for (int i = 0; i < n; i++)
            {
                Vector<float> value = default(GeluTanh).Value(Vector.Create(x[i]));
                Assert.Equal(value[0], y[i]);
                Assert.Equal(default(GeluTanh).Slope(Vector.Create(x[i]), value)[0], slope[i]);
            }
        }
        Assert.All(y[n..], number => Assert.Equal(0, number));
        Assert.All(slope[n..], number => Assert.Equal(0, number));
    });

    [Fact]
    public void Rows_are_summed_over_any_number_of_them()
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        foreach (int rows in new[] { 0, 1, 2, 3, 5, 63, 64, 65, 127, 129, 200 })
            foreach (int columns in new[] { 1, 3, 8, 17, 2500 })
            {
                var random = new RandomStream(1, "rows", rows, columns);
                Block x = Block.Rent(rows * columns), sum = Block.Rent(columns);
                foreach (ref float value in x.Span) value = (float)(random.NextDouble() - 0.5);
                sum.Span.Fill(3);
                foreach (bool accumulate in new[] { false, true })
                {
                    RowKernel.SumRows(x.Pointer, rows, columns, sum.Pointer, accumulate);
                    for (int c = 0; c < columns; c++)
                    {
                        double expected = 0;
                        for (int r = 0; r < rows; r++) expected += x.Span[r * columns + c];
                        Assert.Equal(accumulate ? 2 * expected : expected, sum.Span[c], 1e-5);
                    }
                }
            }
    }

    private delegate void Check(float* x, int n);

    private static void ForEveryLength(Check check)
    {
        float* memory = stackalloc float[Longest + 2 * 16];
        for (int n = 0; n <= Longest; n++)
        {
            var random = new RandomStream(9, "loop", n);
            new Span<float>(memory, Longest + 2 * 16).Fill(Guard);
            float* x = memory + 16;
            for (int i = 0; i < n; i++) x[i] = (float)(random.NextDouble() * 8 - 4);
            check(x, n);
            for (int i = -16; i < Longest + 16; i++)
                if (i < 0 || i >= n) Assert.Equal(Guard, x[i]);
        }
    }

    private static double[] Values(float* x, int n) => [.. new Span<float>(x, n).ToArray().Select(v => (double)v)];

    private static void AssertClose(double expected, float actual, double size) => Assert.True(Math.Abs(expected - actual) <= 3e-7 * size, $"{actual:R} should be {expected:R}");
}
