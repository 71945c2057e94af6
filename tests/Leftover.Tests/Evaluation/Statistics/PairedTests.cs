using Leftover.Evaluation.Statistics;
using Leftover.Tensors;

namespace Leftover.Tests.Evaluation.Statistics;

public class PairedTests
{
    [Theory]
    [InlineData(1), InlineData(5), InlineData(8), InlineData(11)]
    public void The_sign_flip_test_counts_what_a_plain_loop_over_all_signs_counts(int n)
    {
        RandomStream random = new(n, "flips");
        double[] a = [.. Enumerable.Range(0, n).Select(_ => Math.Round(random.NextNormal() + 0.4, 1))];   // one decimal: many equal sums
        int greater = 0, less = 0;
        double observed = a.Sum();
        for (int signs = 0; signs < 1 << n; signs++)
        {
            double sum = a.Select((x, i) => (signs >> i & 1) == 0 ? x : -x).Sum();
            if (sum >= observed - 1e-9) greater++;
            if (sum <= observed + 1e-9) less++;
        }
        SignFlipTest test = SignFlipTest.Of(a, new double[n], random);
        Assert.True(test.IsExact);
        Assert.Equal((double)greater / (1 << n), test.PGreater, 1e-15);
        Assert.Equal((double)less / (1 << n), test.PLess, 1e-15);
        Assert.Equal(Math.Min(1, 2 * Math.Min(test.PGreater, test.PLess)), test.P);
    }

    [Fact]
    public void Drawn_signs_come_near_the_count_of_all_signs()
    {
        RandomStream random = new(5, "flips");
        double[] a = [.. Enumerable.Range(0, 30).Select(_ => random.NextNormal() + 0.3)];
        double[] zero = new double[30];
        SignFlipTest exact = SignFlipTest.Of(a, zero, random);
        // A 31st pair, tiny against all others, changes no count but is one too many to count.
        SignFlipTest drawn = SignFlipTest.Of([.. a, 1e-12], new double[31], random, draws: 40_000);
        Assert.True(exact.IsExact && !drawn.IsExact);
        Assert.Equal(exact.P, drawn.P, 4 * 2 * Math.Sqrt(exact.PGreater / 40_000));   // four standard errors
    }

    [Fact]
    public void A_difference_of_rounding_only_is_a_tie_in_the_sign_flip_test()
    {
        // 0.1 + 0.2 − 0.3 is 5.6e-17, not 0: both signs of the larger pair must count as equal to the observed sum.
        SignFlipTest test = SignFlipTest.Of([0.1 + 0.2, 1], [0.3, 1], new RandomStream(0, "x"));
        Assert.Equal(1, test.P);
    }

    [Fact]
    public void The_exact_wilcoxon_test_counts_rank_sums_by_hand()
    {
        // n = 3, ranks 1, 2, 3 all positive: the smaller sum 0 has one arrangement of 8; two-sided 2/8.
        Assert.Equal(new WilcoxonSignedRank(0, 0.25), WilcoxonSignedRank.Exact([1, 2, 3], [0, 0, 0]));
        // Only rank 1 negative: sums 0 and 1 have one arrangement each; 2 · 2/8.
        Assert.Equal(new WilcoxonSignedRank(1, 0.5), WilcoxonSignedRank.Exact([0, 2, 3], [1, 0, 0]));
    }

    [Fact]
    public void The_exact_wilcoxon_test_refuses_ties() =>
        Assert.Contains("normal form", Assert.Throws<ArgumentException>(() => WilcoxonSignedRank.Exact([1, 2], [0, 1])).Message);

    [Theory]
    [InlineData(ZeroTreatment.Drop), InlineData(ZeroTreatment.RankThenDrop), InlineData(ZeroTreatment.Split)]
    public void Equal_samples_differ_in_no_test(ZeroTreatment zeros)
    {
        double[] a = [0.3, 0.4, 0.5];
        Assert.Equal(1, WilcoxonSignedRank.Normal(a, a, zeros, continuityCorrection: true).P);
        Assert.Equal(1, SignTest.Of(a, a).P);
        Assert.Equal(1, SignFlipTest.Of(a, a, new RandomStream(0, "x")).P);
        PairedTTest t = PairedTTest.Of(a, a);
        Assert.Equal((0, 1, 0), (t.T, t.P, t.EffectSize));
    }

    [Fact]
    public void Equal_differences_that_are_not_zero_are_certain()
    {
        PairedTTest t = PairedTTest.Of([1, 2, 3], [0.5, 1.5, 2.5]);
        Assert.Equal((double.PositiveInfinity, 0, 0), (t.T, t.P, t.PGreater));
    }

    [Fact]
    public void A_comparison_gives_difference_interval_and_p_and_repeats_with_its_seed()
    {
        RandomStream noise = new(2, "noise");
        double[] b = [.. Enumerable.Range(0, 50).Select(_ => noise.NextDouble())];
        double[] a = [.. b.Select(x => x + 0.2 + 0.1 * noise.NextNormal())];
        PairedComparison comparison = PairedComparison.Compare(a, b, new RandomStream(1, "compare"));
        Assert.Equal(a.Average() - b.Average(), comparison.Difference, 1e-12);
        Assert.True(comparison.IsDecided && comparison.Low < comparison.Difference && comparison.Difference < comparison.High, $"{comparison}");
        Assert.InRange(comparison.High - comparison.Low, 0.03, 0.09);   // about 2 · 1.96 · 0.1/√50 = 0.055
        Assert.InRange(comparison.P, 0, 0.001);
        Assert.Equal(50, comparison.Wins + comparison.Ties + comparison.Losses);
        Assert.Equal(comparison, PairedComparison.Compare(a, b, new RandomStream(1, "compare")));
    }

    [Fact]
    public void Swapping_the_methods_turns_the_comparison_around()
    {
        double[] a = [0.2, 0.9, 0.4, 0.8], b = [0.1, 0.5, 0.6, 0.3];
        PairedComparison forth = PairedComparison.Compare(a, b, new RandomStream(1, "x")), back = PairedComparison.Compare(b, a, new RandomStream(1, "x"));
        Assert.Equal(forth.Difference, -back.Difference, 1e-15);
        Assert.Equal(forth.P, back.P);
        Assert.Equal((forth.Wins, forth.Losses), (back.Losses, back.Wins));
    }

    [Fact]
    public void Samples_of_different_length_are_refused() =>
        Assert.Contains("a has 2 values and b 3", Assert.Throws<ArgumentException>(() => PairedComparison.Compare([1, 2], [1, 2, 3], new RandomStream(0, "x"))).Message);
}
