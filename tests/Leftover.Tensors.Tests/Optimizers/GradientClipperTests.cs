using Leftover.Tensors.Optimizers;

namespace Leftover.Tensors.Tests.Optimizers;

public sealed class GradientClipperTests
{
    [Fact]
    public void Gradients_above_the_bound_are_scaled_to_it_and_the_norm_before_is_returned()
    {
        using WeightSet weights = AdamWTests.Weights(("a", 1, 1, true), ("b", 2, 1, false));
        AdamWTests.Fill(weights, null, [2, -3, 6]);                        // 4 + 9 + 36 = 7²
        Assert.Equal(7, GradientClipper.Clip(weights, 3.5), 1e-9);
        Assert.Equal(1, weights["a"].Tensor.Gradient[0], 1e-6f);
        Assert.Equal([-1.5f, 3f], weights["b"].Tensor.Gradient.ToArray().Select(g => MathF.Round(g, 5)));
    }

    [Fact]
    public void The_factor_has_1e_6_added_to_the_norm()
    {
        using WeightSet weights = AdamWTests.Weights(("a", 1, 1, true));
        AdamWTests.Fill(weights, null, [1e-6f]);
        GradientClipper.Clip(weights, 1e-6);
        Assert.Equal(0.5e-6f, weights["a"].Tensor.Gradient[0], 1e-11f);     // 1e-6 / (1e-6 + 1e-6)
    }

    [Theory]
    [InlineData(8.0)]
    [InlineData(0.0)]
    [InlineData(double.PositiveInfinity)]
    public void Gradients_within_the_bound_or_without_one_stay_as_they_are(double bound)
    {
        using WeightSet weights = AdamWTests.Weights(("a", 1, 3, true));
        AdamWTests.Fill(weights, null, [2, -3, 6]);
        Assert.Equal(7, GradientClipper.Clip(weights, bound), 1e-9);
        Assert.Equal([2f, -3f, 6f], weights["a"].Tensor.Gradient.ToArray());
    }

    [Fact]
    public void Large_gradients_do_not_overflow_the_norm()
    {
        using WeightSet weights = AdamWTests.Weights(("a", 1, 40, true));
        AdamWTests.Fill(weights, null, Enumerable.Repeat(1e30f, 40));
        Assert.Equal(Math.Sqrt(40) * 1e30, GradientClipper.Clip(weights, 1), 1e24);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_shows_in_the_norm_and_nothing_is_scaled()
    {
        using WeightSet weights = AdamWTests.Weights(("a", 1, 3, true));
        AdamWTests.Fill(weights, null, [2, float.NaN, 6]);
        Assert.False(double.IsFinite(GradientClipper.Clip(weights, 1)));
        Assert.Equal(2f, weights["a"].Tensor.Gradient[0]);
    }

    [Fact]
    public void The_norm_of_many_gradients_agrees_with_a_sum_in_double_precision()
    {
        using WeightSet weights = AdamWTests.Weights(("a", 301, 777, false), ("b", 1, 33, true));
        var random = new RandomStream(3, "clip");
        float[] gradients = [.. Enumerable.Range(0, (int)weights.Count).Select(_ => (float)random.NextNormal())];
        AdamWTests.Fill(weights, null, gradients);
        double expected = Math.Sqrt(gradients.Sum(g => (double)g * g));
        Assert.Equal(expected, GradientClipper.Norm(weights), expected * 1e-12);
    }
}
