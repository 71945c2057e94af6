using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Tests.Algorithms;

/// <summary>What an algorithm makes of given token log-probabilities.</summary>
/// <param name="Losses">The loss of each completion, not weighted.</param>
/// <param name="Loss">The batch's loss.</param>
/// <param name="Gradient">Its derivative with respect to each token's log-probability.</param>
/// <param name="Figures">Its metrics.</param>
internal sealed record AlgorithmRun(float[] Losses, float Loss, float[] Gradient, IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>Runs the algorithm forward and back.</summary>
    public static AlgorithmRun Of(Algorithm algorithm, float[] logProbs, CompletionBatch batch)
    {
        using var weights = new WeightSet();
        Weight weight = weights.Root.Vector("log_probs", logProbs.Length);
        weights.Allocate(trainable: true);
        logProbs.CopyTo(weight.Tensor.Data);
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        float[] losses = algorithm.CompletionLosses(weight, batch).Data.ToArray();
        Tensor loss = algorithm.Loss(weight, batch) * batch.StepShare;
        tape.Backward(loss);
        var figures = new FigureMeans();
        algorithm.Measure(logProbs, [], batch, figures);
        return new AlgorithmRun(losses, loss.Item(), weight.Tensor.Gradient.ToArray(), figures.Means);
    }

    /// <summary>A batch of which a loss reads numbers alone; its tokens say nothing.</summary>
    public static CompletionBatch Batch(int[] offsets, float[] reference, float[] rewards, float[] advantages, float[]? weights = null, float stepShare = 1, int[]? groupOffsets = null, RolloutTokens? rollout = null, int[]? bestOfGroup = null, float[]? logSumSquares = null) => new()
    {
        Tokens = [],
        Layout = new PackedLayout([]),
        Rows = [],
        Targets = [],
        Offsets = offsets,
        RewardValues = rewards,
        AdvantageValues = advantages,
        WeightValues = weights ?? [.. Enumerable.Repeat(1f, offsets.Length - 1)],
        ReferenceTokenLogProbValues = reference,
        Examples = [.. Enumerable.Range(0, offsets.Length - 1)],
        StepShare = stepShare,
        GroupOffsets = groupOffsets ?? [.. Enumerable.Range(0, offsets.Length)],
        BestOfGroup = bestOfGroup ?? (groupOffsets ?? [.. Enumerable.Range(0, offsets.Length)])[..^1],
        LogSumSquaredProbValues = logSumSquares ?? [],
        Rollout = rollout,
    };

    /// <summary>Every algorithm at its defaults, and those whose options change the formula.</summary>
    public static IReadOnlyList<Algorithm> All { get; } =
    [
        new NegativeLogLikelihood(), new WeightedBehaviorCloning(), new RewardGold(), new RLoL(), new RLoL { ClipRange = null }, new RLoL { KlBeta = 0.1f },
        new ALoL(), new ALoL { ClipRange = 0.2f }, new ALoL { ClipRange = null }, new ALoLSequence(), new ALoLSequence { ClipRange = null },
        new ALoLReferenceFree(), new ALoLReferenceFree { Clamp = false }, new ALoLKl(),
    ];
}
