using Leftover.Algorithms;
using Leftover.Batches;

namespace Leftover.Tests.Algorithms;

/// <summary>Losses of pairs that sort, mix and weigh, worked out by hand.</summary>
public class PairVariantTests
{
    // One token an answer, β = 1: chosen and rejected log-ratios are what is given.
    private static AlgorithmRun Run(Algorithm algorithm, (float Chosen, float Rejected)[] ratios, float[]? weights = null, float[]? squares = null, float referenceOfChosen = 0)
    {
        float[] reference = [.. ratios.SelectMany(_ => new[] { referenceOfChosen, 0f })], logProbs = [.. ratios.SelectMany(pair => new[] { pair.Chosen + referenceOfChosen, pair.Rejected })];
        int n = logProbs.Length;
        return AlgorithmRun.Of(algorithm, logProbs, AlgorithmRun.Batch([.. Enumerable.Range(0, n + 1)], reference, new float[n], new float[n], weights, groupOffsets: [.. Enumerable.Range(0, n / 2 + 1).Select(g => 2 * g)], logSumSquares: squares));
    }

    private static double Logistic(double margin) => Math.Log(1 + Math.Exp(-margin));

    private static readonly (float, float)[] s_pairs = [(-1f, -3f), (-2f, -0.5f), (-0.25f, -1f)];

    [Fact]
    public void Aot_compares_the_sorted_answers_and_gradients_go_home()
    {
        // Chosen sorted −2, −1, −0.25; rejected sorted −3, −1, −0.5: differences 1, 0, 0.25.
        AlgorithmRun run = Run(new Dpo { LossType = [DpoLoss.AotUnpaired], Beta = 1 }, s_pairs);
        double[] losses = [Logistic(1), Logistic(0), Logistic(0.25)];
        for (int i = 0; i < 3; i++) Assert.Equal(losses[i], run.Losses[i], 1e-6);
        Assert.Equal(losses.Average(), run.Loss, 1e-6);

        // −2 is the second pair's chosen answer, and stands against the first pair's −3.
        double slope = 1 / (1 + Math.Exp(1)) / 3;
        Assert.Equal(-slope, run.Gradient[2], 1e-6);
        Assert.Equal(slope, run.Gradient[1], 1e-6);
    }

    [Fact]
    public void Aot_of_margins_depends_on_no_order_and_is_dpo_for_one_pair()
    {
        var aot = new Dpo { LossType = [DpoLoss.Aot], Beta = 1, LabelSmoothing = 0.1f };
        AlgorithmRun forth = Run(aot, s_pairs), back = Run(aot, [s_pairs[2], s_pairs[0], s_pairs[1]]);
        Assert.Equal(forth.Loss, back.Loss, 1e-6f);
        Assert.Equal(forth.Gradient[0], back.Gradient[2], 1e-6f);
        foreach (DpoLoss loss in (DpoLoss[])[DpoLoss.Aot, DpoLoss.AotUnpaired])
            Assert.Equal(Run(new Dpo { LabelSmoothing = 0.1f }, s_pairs[..1], referenceOfChosen: -1).Loss, Run(new Dpo { LossType = [loss], LabelSmoothing = 0.1f }, s_pairs[..1], referenceOfChosen: -1).Loss, 1e-6f);
    }

    [Fact]
    public void A_mixture_is_the_weighted_sum_of_its_losses()
    {
        AlgorithmRun Single(DpoLoss loss) => Run(new Dpo { LossType = [loss] }, s_pairs);
        AlgorithmRun sigmoid = Single(DpoLoss.Sigmoid), bco = Single(DpoLoss.BcoPair), sft = Single(DpoLoss.Sft);
        Assert.Equal((1 + 2 + 0.25f) / 3, sft.Loss, 1e-6f);
        AlgorithmRun mixed = Run(new Dpo { LossType = [DpoLoss.Sigmoid, DpoLoss.BcoPair, DpoLoss.Sft], LossWeights = [0.8f, 0.2f, 1] }, s_pairs), plain = Run(new Dpo { LossType = [DpoLoss.Sigmoid, DpoLoss.Sft] }, s_pairs);
        Assert.Equal(0.8f * sigmoid.Loss + 0.2f * bco.Loss + sft.Loss, mixed.Loss, 1e-6f);
        Assert.Equal(sigmoid.Loss + sft.Loss, plain.Loss, 1e-6f);
        for (int t = 0; t < mixed.Gradient.Length; t++) Assert.Equal(0.8f * sigmoid.Gradient[t] + 0.2f * bco.Gradient[t] + sft.Gradient[t], mixed.Gradient[t], 1e-6f);
    }

    [Fact]
    public void Weighting_multiplies_a_pairs_loss_and_gradient_by_how_likely_its_answers_are_to_be_sampled()
    {
        // ln w = (−1 − (−1.5)) + (−3 − (−2)) = −0.5.
        AlgorithmRun plain = Run(new Dpo { Beta = 1 }, s_pairs[..1]), weighted = Run(new Dpo { Beta = 1, UseWeighting = true }, s_pairs[..1], squares: [-1.5f, -2]);
        float weight = MathF.Exp(-0.5f);
        Assert.Equal(weight * plain.Loss, weighted.Loss, 1e-6f);
        for (int t = 0; t < 2; t++) Assert.Equal(weight * plain.Gradient[t], weighted.Gradient[t], 1e-6f);
        Assert.Contains("WPO needs ln Σ π² of each of the 2 tokens; the batch holds 0", Assert.Throws<ArgumentException>(() => Run(new Dpo { UseWeighting = true }, s_pairs[..1])).Message);
    }

    [Fact]
    public void What_does_not_go_together_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Run(new Dpo { LossType = [] }, s_pairs));
        Assert.Throws<ArgumentException>(() => Run(new Dpo { LossType = [DpoLoss.Sigmoid, DpoLoss.Sft], LossWeights = [1] }, s_pairs));
        Assert.Throws<ArgumentException>(() => Run(new Dpo { LossType = [DpoLoss.Aot], UseWeighting = true }, s_pairs, squares: new float[6]));
        Assert.Contains("all weights of a batch must be equal", Assert.Throws<ArgumentException>(() => Run(new Dpo { LossType = [DpoLoss.Aot] }, s_pairs, weights: [1, 1, 2, 2, 1, 1])).Message);
        Assert.True(new Dpo { LossType = [DpoLoss.Sft, DpoLoss.AotUnpaired] }.NeedsWholeStep);
        Assert.False(new Dpo().NeedsWholeStep || new Dpo().ReadsSumOfSquares || new Pro().ReadsPads);
    }

    [Fact]
    public void Unpaired_apo_leaves_the_drift_out()
    {
        // Own log-ratio 0.5 of a desirable answer, another prompt's 2: the drift of KTO, and nothing to APO-zero.
        AlgorithmRun Of(KtoLoss loss) => AlgorithmRun.Of(new Kto { LossType = loss, Beta = 1 }, [-1, -1], AlgorithmRun.Batch([0, 1, 2], [-1.5f, -3], new float[2], [1, 0], groupOffsets: [0, 2]));
        Assert.Equal(1 / (1 + Math.Exp(0.5 - 2)), Of(KtoLoss.Kto).Loss, 1e-6);
        Assert.Equal(1 / (1 + Math.Exp(0.5)), Of(KtoLoss.ApoZeroUnpaired).Loss, 1e-6);
        Assert.False(Assert.IsType<Grouping.Labels>(new Kto { LossType = KtoLoss.ApoZeroUnpaired }.Grouping).MeasuresDrift);
    }

    [Fact]
    public void Pro_as_released_drops_first_tokens_and_counts_pads_of_short_answers()
    {
        // Answers of 3 and 2 tokens, each with a pad: scores −(2+3)/2 (no pad: the longest) and −(5+6)/2. Rewards differ by 1.
        var released = new Pro { ReleasedMask = true, LogEpsilon = 1e-10f, SftWeight = 0.5f };
        AlgorithmRun run = AlgorithmRun.Of(released, [-1, -2, -3, -9, -4, -5, -6], AlgorithmRun.Batch([0, 4, 7], [], [1, 0], new float[2], groupOffsets: [0, 2]));
        Assert.Equal(Math.Log(1 + Math.Exp(-5.5 + 2.5)) + 0.5 * 5, run.Loss, 1e-5);
        Assert.Equal([0, 3, 4], [.. Enumerable.Range(0, 7).Where(t => run.Gradient[t] == 0)]);
        Assert.True(released.ReadsPads);
    }

    [Fact]
    public void Pros_epsilon_bounds_the_loss_of_answers_that_are_all_unlikely()
    {
        // Scores −40, T = 1: ln(2·e^−40 + 1e-10) + 40 in place of ln 2.
        AlgorithmRun Of(float epsilon) => AlgorithmRun.Of(new Pro { LogEpsilon = epsilon, SftWeight = 0 }, [-40, -40], AlgorithmRun.Batch([0, 1, 2], [], [1, 0], new float[2], groupOffsets: [0, 2]));
        Assert.Equal(Math.Log(2), Of(0).Loss, 1e-5);
        Assert.Equal(Math.Log(1e-10) + 40, Of(1e-10f).Loss, 1e-4);
    }
}
