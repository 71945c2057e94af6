using System.Numerics;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Kernels;

public sealed class VectorMathTests
{
    private static readonly int s_steps = Vector.IsHardwareAccelerated ? 300_000 : 20_000;

    [Fact]
    public void Exp_is_within_its_error_over_the_whole_range() =>
        CheckRelativeError(VectorMath.Exp, VectorMath.Exp, Math.Exp, -87.3f, 88.72f, 1.2e-7);

    [Fact]
    public void Sigmoid_is_within_its_error_over_the_whole_range() =>
        CheckRelativeError(VectorMath.Sigmoid, VectorMath.Sigmoid, x => 1 / (1 + Math.Exp(-x)), -87.3f, 100f, 2.5e-7);

    [Fact]
    public void Tanh_is_within_its_error_far_from_and_near_zero()
    {
        CheckRelativeError(VectorMath.Tanh, VectorMath.Tanh, Math.Tanh, -20f, 20f, 2.5e-7);
        CheckRelativeError(VectorMath.Tanh, VectorMath.Tanh, Math.Tanh, -0.7f, 0.7f, 2.5e-7);
        CheckRelativeError(VectorMath.Tanh, VectorMath.Tanh, Math.Tanh, -1e-6f, 1e-6f, 2.5e-7);
    }

    [Theory]
    [InlineData(0f, 1f, 0.5f, 0f)]
    [InlineData(float.NegativeInfinity, 0f, 0f, -1f)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, 1f, 1f)]
    [InlineData(-1e30f, 0f, 0f, -1f)]
    [InlineData(1e30f, float.PositiveInfinity, 1f, 1f)]
    [InlineData(-88f, 0f, 6.0546015e-39f, -1f)]
    [InlineData(-1000f, 0f, 0f, -1f)]
    [InlineData(89f, float.PositiveInfinity, 1f, 1f)]
    [InlineData(float.NaN, float.NaN, float.NaN, float.NaN)]
    public void Values_at_the_ends_are_exact(float x, float exp, float sigmoid, float tanh)
    {
        Assert.Equal(exp, VectorMath.Exp(x));
        Assert.Equal(sigmoid, VectorMath.Sigmoid(x));
        Assert.Equal(tanh, VectorMath.Tanh(x));
    }

    [Fact]
    public void Exp_never_falls_at_the_borders_of_its_range()
    {
        foreach (float border in new[] { -87.33654f, 88.72283f })
        {
            float x = border;
            for (int i = 0; i < 40; i++) x = MathF.BitDecrement(x);
            float before = VectorMath.Exp(x);
            for (int i = 0; i < 80; i++)
            {
                x = MathF.BitIncrement(x);
                float now = VectorMath.Exp(x);
                Assert.True(now >= before * (1 - 1.2e-7f), $"exp({x:R}) is {now:R}, after {before:R}.");
                before = now;
            }
        }
    }

    [Fact]
    public void Every_payload_of_a_NaN_stays_a_NaN()
    {
        for (int payload = 1; payload < 1 << 22; payload = payload * 3 + 1)
        {
            Assert.True(float.IsNaN(VectorMath.Exp(BitConverter.Int32BitsToSingle(0x7F800000 | payload))));
            Assert.True(float.IsNaN(VectorMath.Exp(BitConverter.Int32BitsToSingle(unchecked((int)0xFF800000) | payload))));
        }
    }

    private static void CheckRelativeError(
        Func<Vector<float>, Vector<float>> vector, Func<float, float> scalar, Func<double, double> exact, float from, float to, double allowed)
    {
        float step = (to - from) / s_steps;
        float[] x = new float[Vector<float>.Count];
        for (int i = 0; i < s_steps; i += x.Length)
        {
            for (int lane = 0; lane < x.Length; lane++) x[lane] = from + (i + lane) * step;
            Vector<float> y = vector(new Vector<float>(x));
            for (int lane = 0; lane < x.Length; lane++)
            {
                double expected = exact(x[lane]);
                Assert.True(Math.Abs(y[lane] - expected) <= allowed * Math.Abs(expected), $"f({x[lane]:R}) is {y[lane]:R} instead of {expected:R}; allowed relative error {allowed}.");
            }
            if (i % (64 * x.Length) == 0) Assert.Equal(y[0], scalar(x[0]));
        }
    }
}
