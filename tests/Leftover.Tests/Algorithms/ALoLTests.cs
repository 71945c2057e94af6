using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Tests.Algorithms;

/// <summary>What the A-LoL family and its reward-weighted relatives promise (the invariants of the method's notes, §8.1).</summary>
public class ALoLTests
{
    private static readonly int[] s_offsets = [0, 3, 5, 9];
    private static readonly float[] s_logProbs = [-.5f, -1.2f, -.3f, -2, -.1f, -.05f, -.4f, -2.5f, -.9f];
    private static readonly float[] s_reference = [-.7f, -1, -.6f, -1.5f, -.4f, -.9f, -1.1f, -2.4f, -1.6f];
    private static readonly float[] s_ones = [1, 1, 1], s_advantages = [.3f, -.15f, .35f];

    [Fact]
    public void A_lol_clips_the_weight_of_the_whole_completion()
    {
        // ln π_θ = −1 and ln π_ref = −2: the ratio is e ≈ 2.72, clipped to 1.9. With A = 2 the loss is −2 · 1.9 · −1.
        AlgorithmRun run = AlgorithmRun.Of(new ALoL { ClipRange = 0.9f }, [-1], AlgorithmRun.Batch([0, 1], [-2], [0], [2]));
        Assert.Equal(3.8f, run.Loss, tolerance: 1e-6f);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0f)]
    [InlineData(0.2f)]
    [InlineData(0.9f)]
    [InlineData(3f)]
    public void At_the_reference_policy_all_variants_are_advantage_weighted_likelihood(float? clipRange)
    {
        CompletionBatch batch = Batch(s_logProbs, s_ones, s_advantages);
        AlgorithmRun free = AlgorithmRun.Of(new ALoLReferenceFree(), s_logProbs, batch);
        Assert.Equal([.6f, 0, 1.3475f], free.Losses.Select(loss => MathF.Round(loss, 6)));
        foreach (Algorithm algorithm in new Algorithm[] { new ALoL { ClipRange = clipRange }, new ALoLSequence { ClipRange = clipRange } })
        {
            AlgorithmRun run = AlgorithmRun.Of(algorithm, s_logProbs, batch);
            AssertSame(free, run);
        }
    }

    [Fact]
    public void At_the_reference_policy_the_kl_penalty_is_zero_but_its_gradient_is_beta()
    {
        CompletionBatch batch = Batch(s_logProbs, s_ones, [0, 0, 0]);
        AlgorithmRun run = AlgorithmRun.Of(new ALoLKl { KlBeta = .3f }, s_logProbs, batch);
        Assert.Equal(0, run.Loss);
        Assert.All(run.Gradient, g => Assert.Equal(.3f / 3, g, tolerance: 1e-7f));
    }

    [Fact]
    public void With_rewards_of_one_cloning_is_likelihood_and_r_lol_is_importance_weighted_likelihood()
    {
        CompletionBatch batch = Batch(s_reference, s_ones, s_ones);
        AssertSame(AlgorithmRun.Of(new NegativeLogLikelihood(), s_logProbs, batch), AlgorithmRun.Of(new WeightedBehaviorCloning(), s_logProbs, batch));
        AssertSame(AlgorithmRun.Of(new ALoL(), s_logProbs, batch), AlgorithmRun.Of(new RLoL(), s_logProbs, batch));     // A = R = 1
    }

    [Fact]
    public void With_one_advantage_for_all_reference_free_is_that_times_likelihood()
    {
        AlgorithmRun nll = AlgorithmRun.Of(new NegativeLogLikelihood(), s_logProbs, Batch(s_reference, s_ones, s_ones));
        AlgorithmRun free = AlgorithmRun.Of(new ALoLReferenceFree(), s_logProbs, Batch(s_reference, s_ones, [.25f, .25f, .25f]));
        Assert.Equal(nll.Losses.Select(loss => .25f * loss), free.Losses);
        Assert.Equal(nll.Gradient.Select(g => .25f * g), free.Gradient);
    }

    [Fact]
    public void Without_a_positive_advantage_there_is_no_loss_and_no_gradient()
    {
        CompletionBatch batch = Batch(s_reference, s_ones, [-.3f, 0, -1e-6f]);
        foreach (Algorithm algorithm in new Algorithm[] { new ALoL(), new ALoL { ClipRange = null }, new ALoLSequence(), new ALoLReferenceFree() })
        {
            AlgorithmRun run = AlgorithmRun.Of(algorithm, s_logProbs, batch);
            Assert.All(run.Losses, loss => Assert.Equal(0, loss));
            Assert.All(run.Gradient, g => Assert.Equal(0, g));
        }
        Assert.All(AlgorithmRun.Of(new ALoLKl { KlBeta = .3f }, s_logProbs, batch).Gradient, g => Assert.Equal(.3f / 3, g, tolerance: 1e-7f));
    }

    [Theory]
    [InlineData(0.2f)]
    [InlineData(0.9f)]
    [InlineData(1f)]
    [InlineData(5f)]
    public void Weights_stay_within_the_clip_range(float clipRange)
    {
        // One token each; the loss over A⁺·NLL is the weight.
        float[] logProbs = [-.1f, -.5f, -1, -3, -9, -90], reference = [-90, -9, -1.2f, -2.7f, -.5f, -.1f];
        float[] ones = [1, 1, 1, 1, 1, 1];
        foreach (Algorithm algorithm in new Algorithm[] { new ALoL { ClipRange = clipRange }, new ALoLSequence { ClipRange = clipRange } })
        {
            AlgorithmRun run = AlgorithmRun.Of(algorithm, logProbs, AlgorithmRun.Batch([0, 1, 2, 3, 4, 5, 6], reference, ones, ones));
            for (int b = 0; b < 6; b++)
            {
                double weight = run.Losses[b] / -logProbs[b], ratio = Math.Exp(logProbs[b] - (double)reference[b]);
                Assert.Equal(Math.Clamp(ratio, 1 - (double)clipRange, 1 + (double)clipRange), weight, 1e-6 * (1 + clipRange));
            }
        }
    }

    [Fact]
    public void A_clip_range_of_zero_makes_every_variant_reference_free()
    {
        CompletionBatch batch = Batch(s_reference, s_ones, s_advantages);
        AlgorithmRun free = AlgorithmRun.Of(new ALoLReferenceFree(), s_logProbs, batch);
        AssertSame(free, AlgorithmRun.Of(new ALoL { ClipRange = 0 }, s_logProbs, batch));
        AssertSame(free, AlgorithmRun.Of(new ALoLSequence { ClipRange = 0 }, s_logProbs, batch));
    }

    [Fact]
    public void Every_token_of_a_completion_has_the_same_gradient_and_in_the_sequence_variant_its_own()
    {
        CompletionBatch batch = Batch(s_reference, s_ones, s_advantages);
        float[] whole = AlgorithmRun.Of(new ALoL(), s_logProbs, batch).Gradient, tokens = AlgorithmRun.Of(new ALoLSequence(), s_logProbs, batch).Gradient;
        for (int b = 0; b < 3; b++)
        {
            double drift = 0, positive = Math.Max(s_advantages[b], 0);
            for (int t = s_offsets[b]; t < s_offsets[b + 1]; t++) drift += (double)s_logProbs[t] - s_reference[t];
            for (int t = s_offsets[b]; t < s_offsets[b + 1]; t++)
            {
                Assert.Equal(-positive * Math.Clamp(Math.Exp(drift), .1, 1.9) / 3, whole[t], 1e-6);
                Assert.Equal(-positive * Math.Clamp(Math.Exp((double)s_logProbs[t] - s_reference[t]), .1, 1.9) / 3, tokens[t], 1e-6);
            }
        }
    }

    [Fact]
    public void Inside_the_clip_range_the_gradient_is_that_of_minus_advantage_times_ratio_and_outside_it_is_not_zero()
    {
        // Completion 0 has ρ = e^0.3 within [0.1, 1.9], completion 2 has ρ = e^2.15 outside. PPO's gradient would be 0 there.
        float[] gradient = AlgorithmRun.Of(new ALoL(), s_logProbs, Batch(s_reference, s_ones, s_advantages)).Gradient;
        double Surrogate(double step)
        {
            double ratio = Math.Exp(0.3 + step);
            return -0.3 * ratio / 3;
        }
        Assert.Equal((Surrogate(1e-5) - Surrogate(-1e-5)) / 2e-5, gradient[0], 1e-6);
        Assert.Equal(-.35 * 1.9 / 3, gradient[5], 1e-6);
    }

    [Fact]
    public void For_a_single_token_both_weights_are_one()
    {
        float[] logProbs = [-.5f, -3, -.01f], reference = [-.9f, -.2f, -4];
        foreach (float? clip in new float?[] { null, 0.2f, 0.9f })
        {
            CompletionBatch batch = AlgorithmRun.Batch([0, 1, 2, 3], reference, s_ones, [.2f, .4f, .1f]);
            AssertSame(AlgorithmRun.Of(new ALoL { ClipRange = clip }, logProbs, batch), AlgorithmRun.Of(new ALoLSequence { ClipRange = clip }, logProbs, batch));
        }
    }

    [Fact]
    public void Equal_token_ratios_multiply_up_in_a_lol_and_not_in_its_sequence_variant()
    {
        // Five tokens of ratio c = 1.25: c^5 against c.
        float[] logProbs = [-.5f, -1, -.25f, -2, -.75f], reference = [.. logProbs.Select(x => x - MathF.Log(1.25f))];
        CompletionBatch batch = AlgorithmRun.Batch([0, 5], reference, [1], [.5f]);
        Assert.Equal(Math.Pow(1.25, 5) * .5 * 4.5, AlgorithmRun.Of(new ALoL { ClipRange = null }, logProbs, batch).Loss, 1e-5);
        Assert.Equal(1.25 * .5 * 4.5, AlgorithmRun.Of(new ALoLSequence { ClipRange = null }, logProbs, batch).Loss, 1e-5);
    }

    [Fact]
    public void What_lies_before_and_after_a_completion_in_the_pack_changes_nothing()
    {
        // No padding exists; the neighbours play its part. Log-probabilities of 0 probability next door stay next door.
        float[] logProbs = [-400, -1e30f, -.5f, -1.2f, -.3f, float.MinValue], reference = [-1, -2, -.7f, -1, -.6f, -1];
        foreach (Algorithm algorithm in AlgorithmRun.All)
        {
            AlgorithmRun alone = AlgorithmRun.Of(algorithm, logProbs[2..5], AlgorithmRun.Batch([0, 3], reference[2..5], [.8f], [.3f]));
            AlgorithmRun packed = AlgorithmRun.Of(algorithm, logProbs, AlgorithmRun.Batch([0, 2, 5, 6], reference, [.5f, .8f, .5f], [.1f, .3f, .2f]));
            Assert.Equal(alone.Losses[0], packed.Losses[1]);
            for (int t = 0; t < 3; t++) Assert.Equal(alone.Gradient[t] / 3, packed.Gradient[t + 2], tolerance: 1e-6f * Math.Abs(alone.Gradient[t]));
        }
    }

    [Fact]
    public void Every_token_twice_doubles_the_likelihood_losses_and_squares_the_ratio()
    {
        int[] offsets = [0, 6, 10, 18];
        float[] twice = Twice(s_logProbs), twiceReference = Twice(s_reference);
        CompletionBatch once = Batch(s_reference, [.8f, .6f, .9f], s_advantages);
        CompletionBatch doubled = AlgorithmRun.Batch(offsets, twiceReference, [.8f, .6f, .9f], s_advantages);
        foreach (Algorithm algorithm in new Algorithm[] { new NegativeLogLikelihood(), new WeightedBehaviorCloning(), new ALoLReferenceFree() })
            Assert.Equal(AlgorithmRun.Of(algorithm, s_logProbs, once).Losses.Select(loss => 2 * loss), AlgorithmRun.Of(algorithm, twice, doubled).Losses);

        // D = 0.3: the weight e^0.3 becomes e^0.6, on a sum twice as long.
        Assert.Equal(.3 * Math.Exp(.6) * 4, AlgorithmRun.Of(new ALoL { ClipRange = null }, twice, doubled).Losses[0], 1e-5);
    }

    [Fact]
    public void The_reference_has_no_say_in_the_gradient_of_the_kl_variant()
    {
        CompletionBatch near = Batch(s_reference, s_ones, [.3f, .1f, .05f]), far = Batch([.. s_reference.Select(x => x * 7)], s_ones, [.3f, .1f, .05f]);
        AlgorithmRun run = AlgorithmRun.Of(new ALoLKl { KlBeta = .1f }, s_logProbs, near);
        Assert.Equal(run.Gradient, AlgorithmRun.Of(new ALoLKl { KlBeta = .1f }, s_logProbs, far).Gradient);
        Assert.True(run.Gradient[0] < 0);                            // A⁺ above β: pulled towards
        Assert.Equal(0, run.Gradient[3], tolerance: 1e-8f);          // A⁺ = β
        Assert.True(run.Gradient[5] > 0);                            // A⁺ below β: pushed away
    }

    [Fact]
    public void Huge_log_ratios_give_bounded_weights_and_never_nan()
    {
        // D = +200, −200, and +200 without advantage.
        float[] logProbs = [-1, -201, -1], reference = [-201, -1, -201];
        CompletionBatch batch = AlgorithmRun.Batch([0, 1, 2, 3], reference, s_ones, [1, 1, 0]);
        Assert.Equal([1.9f, .1f * 201, 0], AlgorithmRun.Of(new ALoL(), logProbs, batch).Losses, (expected, actual) => Math.Abs(expected - actual) <= 1e-5f * expected);
        foreach (Algorithm algorithm in new Algorithm[] { new ALoL { ClipRange = null }, new ALoLSequence { ClipRange = null }, new ALoL { ClipRange = 50 } })
        {
            AlgorithmRun run = AlgorithmRun.Of(algorithm, logProbs, batch);
            Assert.All(run.Losses, loss => Assert.True(float.IsFinite(loss)));
            Assert.All(run.Gradient, g => Assert.True(float.IsFinite(g)));
            Assert.Equal(0, run.Losses[2]);
            Assert.Equal(0, run.Gradient[2]);
        }
    }

    [Fact]
    public void Gold_weighs_a_token_by_its_probability_but_not_below_the_floor()
    {
        float[] logProbs = [MathF.Log(.05f), MathF.Log(.5f), 0];
        AlgorithmRun run = AlgorithmRun.Of(new RewardGold(), logProbs, AlgorithmRun.Batch([0, 3], [0, 0, 0], [2], [0]));
        Assert.Equal([-.2f, -1f, -2f], run.Gradient.Select(g => MathF.Round(g, 6)));        // −R · max(π, 0.1), nothing through the weight
    }

    private static CompletionBatch Batch(float[] reference, float[] rewards, float[] advantages) => AlgorithmRun.Batch(s_offsets, reference, rewards, advantages);

    private static float[] Twice(float[] numbers)
    {
        // Each completion's tokens, then once more, so that its numbers stay together.
        List<float> twice = [];
        for (int b = 0; b < 3; b++)
            for (int time = 0; time < 2; time++) twice.AddRange(numbers[s_offsets[b]..s_offsets[b + 1]]);
        return [.. twice];
    }

    private static void AssertSame(AlgorithmRun expected, AlgorithmRun actual)
    {
        for (int b = 0; b < expected.Losses.Length; b++) Assert.Equal(expected.Losses[b], actual.Losses[b], tolerance: 1e-6f * Math.Abs(expected.Losses[b]));
        for (int t = 0; t < expected.Gradient.Length; t++) Assert.Equal(expected.Gradient[t], actual.Gradient[t], tolerance: 1e-6f * Math.Abs(expected.Gradient[t]));
    }
}
