using Leftover.Algorithms;
using Leftover.Batches;

namespace Leftover.Tests.Algorithms;

/// <summary>The worked example of the method's notes (§8.2): three completions of 3, 2 and 4 tokens, losses and gradients to six decimals.</summary>
public class FixtureF1Tests
{
    private static readonly int[] s_offsets = [0, 3, 5, 9];
    private static readonly float[] s_logProbs = [-.5f, -1.2f, -.3f, -2, -.1f, -.05f, -.4f, -2.5f, -.9f];
    private static readonly float[] s_reference = [-.7f, -1, -.6f, -1.5f, -.4f, -.9f, -1.1f, -2.4f, -1.6f];
    private static readonly CompletionBatch s_batch = AlgorithmRun.Batch(s_offsets, s_reference, rewards: [.8f, .6f, .9f], advantages: [.3f, -.15f, .35f]);

    public static TheoryData<string, Algorithm, float[], float> Losses => new()
    {
        { "nll", new NegativeLogLikelihood(), [2, 2.1f, 3.85f], 2.65f },
        { "wbc", new WeightedBehaviorCloning(), [1.6f, 1.26f, 3.465f], 2.108333f },
        { "r_gold", new RewardGold(), [.709555f, .216693f, .838442f], .588230f },
        { "r_lol, no clip", new RLoL { ClipRange = null }, [2.159774f, 1.031601f, 29.746534f], 10.979303f },
        { "r_lol .9", new RLoL(), [2.159774f, 1.031601f, 6.5835f], 3.258292f },
        { "r_lol .2", new RLoL { ClipRange = .2f }, [1.92f, 1.031601f, 4.158f], 2.369867f },
        { "a_lol, no clip", new ALoL { ClipRange = null }, [.809915f, 0, 11.568097f], 4.126004f },
        { "a_lol .9", new ALoL(), [.809915f, 0, 2.56025f], 1.123388f },
        { "a_lol .2", new ALoL { ClipRange = .2f }, [.72f, 0, 1.617f], .779f },
        { "a_lol_seq, no clip", new ALoLSequence { ClipRange = null }, [.599441f, 0, 1.748934f], .782792f },
        { "a_lol_seq .9", new ALoLSequence(), [.599441f, 0, 1.689483f], .762975f },
        { "a_lol_seq .2", new ALoLSequence { ClipRange = .2f }, [.582743f, 0, 1.358733f], .647159f },
        { "ref_free", new ALoLReferenceFree(), [.6f, 0, 1.3475f], .649167f },
        { "ref_free, raw", new ALoLReferenceFree { Clamp = false }, [.6f, -.315f, 1.3475f], .544167f },
        { "kl .05", new ALoLKl { KlBeta = .05f }, [.615f, -.01f, 1.455f], .686667f },
        { "kl .1", new ALoLKl { KlBeta = .1f }, [.63f, -.02f, 1.5625f], .724167f },
        { "kl .2", new ALoLKl { KlBeta = .2f }, [.66f, -.04f, 1.7775f], .799167f },
        { "r_lol + kl .1", new RLoL { KlBeta = .1f }, [1.63f, 1.24f, 3.68f], 2.183333f },
    };

    public static TheoryData<string, Algorithm, float[]> Gradients => new()
    {
        { "nll", new NegativeLogLikelihood(), Rows(-.333333f, -.333333f, -.333333f) },
        { "wbc", new WeightedBehaviorCloning(), Rows(-.266667f, -.2f, -.3f) },
        { "r_gold", new RewardGold(), [-.161742f, -.080318f, -.197552f, -.027067f, -.180967f, -.285369f, -.201096f, -.03f, -.121971f] },
        { "r_lol .9", new RLoL(), Rows(-.359962f, -.163746f, -.57f) },
        { "a_lol .9", new ALoL(), Rows(-.134986f, 0, -.221667f) },
        { "a_lol .2", new ALoL { ClipRange = .2f }, Rows(-.12f, 0, -.14f) },
        { "seq .9", new ALoLSequence(), [-.12214f, -.081873f, -.134986f, 0, 0, -.221667f, -.221667f, -.105564f, -.221667f] },
        { "seq .2", new ALoLSequence { ClipRange = .2f }, [-.12f, -.081873f, -.12f, 0, 0, -.14f, -.14f, -.105564f, -.14f] },
        { "ref_free", new ALoLReferenceFree(), Rows(-.1f, 0, -.116667f) },
        { "ref_free, raw", new ALoLReferenceFree { Clamp = false }, Rows(-.1f, .05f, -.116667f) },
        { "kl .1", new ALoLKl { KlBeta = .1f }, Rows(-.066667f, .033333f, -.083333f) },
        { "kl .35", new ALoLKl { KlBeta = .35f }, Rows(.016667f, .116667f, 0) },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void Losses_are_those_worked_out_by_hand(string name, Algorithm algorithm, float[] losses, float mean)
    {
        Assert.NotEmpty(name);
        AlgorithmRun run = AlgorithmRun.Of(algorithm, s_logProbs, s_batch);
        for (int b = 0; b < 3; b++) Assert.Equal(losses[b], run.Losses[b], tolerance: 1e-6f * Math.Max(1, losses[b]));     // six decimals, or float's seven digits
        Assert.Equal(mean, run.Loss, tolerance: 1e-6f * Math.Max(1, mean));
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void Gradients_are_those_worked_out_by_hand(string name, Algorithm algorithm, float[] gradient)
    {
        Assert.NotEmpty(name);
        float[] actual = AlgorithmRun.Of(algorithm, s_logProbs, s_batch).Gradient;
        for (int t = 0; t < 9; t++) Assert.Equal(gradient[t], actual[t], tolerance: 1e-6f);
    }

    private static float[] Rows(float first, float second, float third) => [first, first, first, second, second, third, third, third, third];
}
