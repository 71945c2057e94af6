using Leftover.Evaluation.Statistics;
using Leftover.Tensors;

namespace Leftover.Tests.Evaluation.Statistics;

public class IntervalTests
{
    private static readonly double[] s_values = [0.31, 0.9, 0.27, 0.55, 0.62, 0.71, 0.13, 0.95, 0.44];

    [Theory]
    [InlineData(0.5), InlineData(2.0), InlineData(31.8), InlineData(1e6)]
    public void The_t_distribution_has_the_closed_forms_of_one_and_two_degrees_of_freedom(double t)
    {
        // 1: arctan(1/t)/π;  2: (1 − t/√(2 + t²))/2 = 1/(√(2 + t²)·(√(2 + t²) + t)), which does not cancel.
        double root = Math.Sqrt(2 + t * t);
        GoldenCases.Close(Math.Atan(1 / t) / Math.PI, StudentT.UpperTail(t, 1), 1e-12, "1 degree");
        GoldenCases.Close(1 / (root * (root + t)), StudentT.UpperTail(t, 2), 1e-12, "2 degrees");
        GoldenCases.Close(t, StudentT.TwoSidedQuantile(2 * StudentT.UpperTail(t, 2), 2), 1e-12, "quantile");
    }

    [Theory]
    [InlineData(IntervalMethod.StudentT), InlineData(IntervalMethod.Normal), InlineData(IntervalMethod.BootstrapPercentile)]
    [InlineData(IntervalMethod.BootstrapBasic), InlineData(IntervalMethod.BootstrapBca)]
    public void More_confidence_is_a_wider_interval_around_the_same_mean(IntervalMethod method)
    {
        Interval narrow = MeanIntervals.MeanInterval(s_values, 0.8, method, new RandomStream(3, "x"));
        Interval wide = MeanIntervals.MeanInterval(s_values, 0.99, method, new RandomStream(3, "x"));
        Assert.True(wide.Low < narrow.Low && narrow.Low < narrow.Estimate && narrow.Estimate < narrow.High && narrow.High < wide.High, $"{narrow} {wide}");
        Assert.Equal(s_values.Average(), narrow.Estimate, 1e-15);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bootstrap_and_another_seed_another()
    {
        Assert.Equal(Bootstrap(1), Bootstrap(1));
        Assert.NotEqual(Bootstrap(1), Bootstrap(2));

        static Interval Bootstrap(long seed) => MeanIntervals.MeanInterval(s_values, 0.95, IntervalMethod.BootstrapPercentile, new RandomStream(seed, "x"));
    }

    [Fact]
    public void Few_values_are_resampled_exactly_so_the_seed_changes_nothing()
    {
        double[] few = [0.1, 0.2, 0.4, 0.9];
        Assert.Equal(
            MeanIntervals.MeanInterval(few, 0.9, IntervalMethod.BootstrapBca, new RandomStream(1, "x")),
            MeanIntervals.MeanInterval(few, 0.9, IntervalMethod.BootstrapBca, new RandomStream(2, "x")));
    }

    [Fact]
    public void Two_values_have_four_resamples_whose_quantiles_are_worked_out_by_hand()
    {
        // Resampled means of {0, 1}: 0, ½, ½, 1. The quantile at 0.25 lies at place 0.75 of 0..3: 0.375.
        MeanBootstrap bootstrap = MeanBootstrap.Of([0, 1], new RandomStream(0, "x"));
        Assert.Equal(0.375, bootstrap.Percentile(0.5).Low, 1e-15);
        Assert.Equal(0.625, bootstrap.Percentile(0.5).High, 1e-15);
        Assert.Equal(0, bootstrap.Bias, 1e-15);           // one below, two equal (half each), one above
        Assert.Equal(0, bootstrap.Acceleration, 1e-15);   // symmetric
        Assert.Equal(Math.Sqrt(0.125), bootstrap.StandardError, 1e-15);
    }

    [Theory]
    [InlineData(3), InlineData(40)]
    public void Equal_values_have_an_interval_of_no_width(int count)
    {
        double[] values = [.. Enumerable.Repeat(0.1, count)];
        Interval interval = MeanIntervals.MeanInterval(values, 0.95, IntervalMethod.BootstrapBca, new RandomStream(0, "x"));
        Assert.Equal(0.1, interval.Low, 1e-15);
        Assert.Equal(0.1, interval.High, 1e-15);
    }

    [Fact]
    public void The_t_interval_holds_the_true_mean_about_as_often_as_it_says()
    {
        RandomStream random = new(11, "coverage");
        int held = 0;
        for (int trial = 0; trial < 2000; trial++)
        {
            double[] sample = [.. Enumerable.Range(0, 8).Select(_ => random.NextNormal())];
            Interval interval = MeanIntervals.MeanInterval(sample, 0.9, IntervalMethod.StudentT, random);
            if (interval.Low <= 0 && 0 <= interval.High) held++;
        }
        Assert.InRange(held / 2000.0, 0.9 - 4 * Math.Sqrt(0.09 / 2000), 0.9 + 4 * Math.Sqrt(0.09 / 2000));
    }

    [Fact]
    public void One_value_has_no_interval() =>
        Assert.Contains("at least 2", Assert.Throws<ArgumentException>(() => MeanIntervals.MeanInterval([1], 0.95, IntervalMethod.StudentT, new RandomStream(0, "x"))).Message);

    [Fact]
    public void A_value_that_is_not_finite_is_named() =>
        Assert.Contains("Value 1 is NaN", Assert.Throws<ArgumentException>(() => MeanIntervals.MeanInterval([1, double.NaN], 0.95, IntervalMethod.StudentT, new RandomStream(0, "x"))).Message);

    [Fact]
    public void A_confidence_in_percent_is_refused() =>
        Assert.Contains("(0, 1)", Assert.Throws<ArgumentException>(() => MeanIntervals.MeanInterval([1, 2], 95, IntervalMethod.StudentT, new RandomStream(0, "x"))).Message);
}
