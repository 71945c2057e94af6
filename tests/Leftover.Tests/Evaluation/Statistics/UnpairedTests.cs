using Leftover.Evaluation.Statistics;
using Leftover.Tensors;

namespace Leftover.Tests.Evaluation.Statistics;

public class UnpairedTests
{
    [Fact]
    public void A_drawn_permutation_test_comes_near_the_counted_one()
    {
        double[] a = [1, 2, 3, 4, 5, 6, 7, 8], b = [2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 3.1, 9.1];
        PermutationTest counted = PermutationTest.Of(a, b, new RandomStream(1, "test"));
        Assert.True(counted.IsExact);
        double[] longA = [.. a, .. a], longB = [.. b, .. b];   // C(32, 16) is past counting
        PermutationTest drawn = PermutationTest.Of(longA, longB, new RandomStream(1, "test"));
        Assert.False(drawn.IsExact);
        // The normal form of the same test: z = difference / √(pooled variance about the common mean · (1/16 + 1/16) · n/(n − 1)).
        double[] all = [.. longA, .. longB];
        double z = (longA.Average() - longB.Average()) / (Descriptive.StandardDeviation(all) * Math.Sqrt(2.0 / 16));
        Assert.Equal(2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, z), drawn.P, 0.015);
        Assert.Equal(1, counted.PLess + counted.PGreater, 0.05);
    }

    [Fact]
    public void Kolmogorov_and_Smirnovs_p_is_the_share_of_arrangements()
    {
        // Of the C(4, 2) = 6 orders of two a and two b, aabb and bbaa have distance 1, the other four ½.
        Assert.Equal(1.0 / 3, KolmogorovSmirnovTest.Of([1, 2], [3, 4]).P, 1e-15);
        Assert.Equal(1, KolmogorovSmirnovTest.Of([1, 3], [2, 4]).P, 1e-15);
        Assert.Equal(1, KolmogorovSmirnovTest.Of([1, 2], [1, 2]).P);
    }

    [Fact]
    public void Mann_and_Whitneys_exact_p_needs_values_without_ties()
    {
        Assert.Equal(2.0 / 20, MannWhitneyTest.Exact([4, 5, 6], [1, 2, 3]).P, 1e-15);   // 1 of C(6, 3) = 20 on either side
        Assert.Contains("ties", Assert.Throws<ArgumentException>(() => MannWhitneyTest.Exact([1, 2], [2, 3])).Message);
        Assert.Equal(1, MannWhitneyTest.Normal([1, 1], [1, 1]).P);
    }

    [Fact]
    public void A_strength_that_no_loss_bounds_is_refused_by_name()
    {
        Game[] games = [new(0, 1, 1), new(0, 2, 1), new(1, 2, 1), new(2, 1, 1)];
        Assert.Contains("player 0", Assert.Throws<ArgumentException>(() => BradleyTerry.Fit(3, games)).Message);
        BradleyTerry fit = BradleyTerry.Fit(2, [new(0, 1, 1), new(0, 1, 1), new(0, 1, 1), new(1, 0, 1)]);
        Assert.Equal(0.75, fit.WinProbability(0, 1), 1e-12);
        Assert.Contains("score is 2", Assert.Throws<ArgumentException>(() => Elo.Sequential(2, [new(0, 1, 2)])).Message);
    }

    [Fact]
    public void Correlations_refuse_a_constant_column_and_know_a_line()
    {
        Assert.Contains("same value", Assert.Throws<ArgumentException>(() => Correlation.Spearman([1, 1, 1], [1, 2, 3])).Message);
        Correlation line = Correlation.Pearson([1, 2, 3, 4], [2, 4, 6, 8]);
        Assert.Equal(1, line.Coefficient, 1e-15);
        Assert.Equal(0, line.P, 1e-12);
        Assert.Equal(-1, Correlation.Spearman([1, 2, 3, 4], [9, 4, 1, 0]).Coefficient, 1e-15);
        Assert.Equal(1.0 / 3, Correlation.KendallTauB([1, 2, 3], [1, 2, 3]).P, 1e-15);   // 1 of 3! orders on either side
    }

    [Fact]
    public void A_win_rate_counts_pairs_and_states_ties()
    {
        Assert.Equal(new WinRate(1, 2, 1), WinRate.Of([1, 2, 3, 4.0005], [0, 2, 4, 4], tolerance: 0.001));
        Assert.Null(new WinRate(0, 3, 0).OfDecided);
        Assert.Null(new WinRate(0, 0, 0).TiesHalf);
        Assert.Equal(1, new WinRate(0, 3, 0).P);
        Assert.Throws<ArgumentException>(() => new WinRate(0, 3, 0).WilsonOfDecided(0.95));
    }

    [Fact]
    public void Off_policy_estimates_refuse_what_a_log_cannot_hold()
    {
        Assert.Contains("propensity", Assert.Throws<ArgumentException>(() => OffPolicyEstimates.Of([0], [0], [1], [[1.0]], [[0.5]])).Message);
        Assert.Contains("action 1", Assert.Throws<ArgumentException>(() => OffPolicyEstimates.Of([1], [0.5], [1], [[1.0]], [[0.5]])).Message);
        OffPolicyEstimates unseen = new([0, 0], [1, 1], [0.5, 0.5], [0.5, 0.5]);
        Assert.Equal(0, unseen.EffectiveSampleSize);
        Assert.Throws<InvalidOperationException>(() => unseen.Snips());
    }
}
