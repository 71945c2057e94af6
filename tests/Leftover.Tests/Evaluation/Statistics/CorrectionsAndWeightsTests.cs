using Leftover.Evaluation.Statistics;

namespace Leftover.Tests.Evaluation.Statistics;

public class CorrectionsAndWeightsTests
{
    [Theory]
    [InlineData(Correction.Bonferroni), InlineData(Correction.Holm), InlineData(Correction.HolmSidak), InlineData(Correction.BenjaminiHochberg), InlineData(Correction.BenjaminiYekutieli)]
    public void Adjusted_p_values_keep_the_order_and_never_fall_below_their_own(Correction correction)
    {
        double[] p = [0.4, 0.001, 1, 0.03, 0.03, 0];
        double[] adjusted = MultipleComparisons.Adjust(p, correction);
        for (int i = 0; i < p.Length; i++)
        {
            Assert.InRange(adjusted[i], p[i], 1);
            for (int j = 0; j < p.Length; j++)
                if (p[i] <= p[j]) Assert.True(adjusted[i] <= adjusted[j], $"{correction}: {p[i]} -> {adjusted[i]}, {p[j]} -> {adjusted[j]}");
        }
        Assert.Empty(MultipleComparisons.Adjust([], correction));
        Assert.Throws<ArgumentException>(() => MultipleComparisons.Adjust([0.5, 1.5], correction));
    }

    [Fact]
    public void Weights_of_zero_count_for_nothing()
    {
        ImportanceWeights weights = ImportanceWeights.OfLogs([0, double.NegativeInfinity, 0, double.NegativeInfinity]);
        Assert.Equal(2, weights.EffectiveSampleSize, 1e-15);
        Assert.Equal(2, weights.Perplexity, 1e-15);
        Assert.Equal([0.5, 0, 0.5, 0], weights.Normalised);
    }

    [Theory]
    [InlineData(new double[0]), InlineData(new[] { double.NegativeInfinity }), InlineData(new[] { 0, double.NaN }), InlineData(new[] { double.PositiveInfinity })]
    public void Weights_without_a_finite_sum_are_refused(double[] logWeights) =>
        Assert.Throws<ArgumentException>(() => ImportanceWeights.OfLogs(logWeights));

    [Fact]
    public void K3_keeps_its_digits_where_policy_and_reference_nearly_agree()
    {
        // e^d − 1 − d = d²/2 + d³/6 + …; at d = 1e-6 the third term is 1/3e6 of the first.
        double d = 1e-6;
        GoldenCases.Close(d * d / 2 + d * d * d / 6, KlEstimators.Of(KlEstimator.K3, -1 - d, -1), 1e-9, "k3");
        Assert.Equal(0, KlEstimators.Of(KlEstimator.K3, -1, -1));
    }

    [Fact]
    public void Divergences_know_a_token_that_one_side_rules_out()
    {
        double[] p = [0, 0], q = [0, double.NegativeInfinity];
        Assert.Equal(double.PositiveInfinity, Divergences.KullbackLeibler(p, q));
        Assert.Equal(Math.Log(2), Divergences.KullbackLeibler(q, p), 1e-15);
        Assert.Equal(0, Divergences.Entropy(q));
        // Middle (¾, ¼): ½[½ ln(½/¾) + ½ ln(½/¼)] + ½ ln(1/¾).
        Assert.Equal(0.5 * (0.5 * Math.Log(2 / 3.0) + 0.5 * Math.Log(2)) + 0.5 * Math.Log(4 / 3.0), Divergences.JensenShannon(p, q), 1e-15);
    }

    [Fact]
    public void An_empty_sequence_is_named() =>
        Assert.Contains("Sequence 1", Assert.Throws<ArgumentException>(() => KlEstimators.Estimate(KlEstimator.K1, [-1, -2], [-1, -2], [0, 2, 2])).Message);
}
