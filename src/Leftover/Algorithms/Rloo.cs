using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>RLOO: a reply is one action, judged against the mean of the other replies to its prompt; no value is learned.</summary>
/// <remarks>
/// Loss = mean over replies of −min(ρ·A, clip(ρ, 1 ± ε)·A), ρ = π_θ(y|x)/π_old(y|x) and A = R' − mean of the others' R', R' = R − β·(ln π_old − ln π_ref)(y|x).
/// Ahmadian et al. 2024, arXiv:2402.14740, eq. 8; β, ε and the clip are TRL's. With one pass (the default) ρ is 1 and this is REINFORCE with its baseline.
/// </remarks>
public sealed record Rloo : OnlineAlgorithm
{
    /// <summary>Replies to each prompt; ≥ 2. Default 4, the paper's larger setting.</summary>
    [Range(2, 1024)]
    public override int NumGenerations { get; init; } = 4;

    /// <summary>Passes over a step's replies; ≥ 1. Default 1.</summary>
    public override int NumIterations { get; init; } = 1;

    /// <summary>β, what a nat of drift from the reference costs; reward units, ≥ 0. Default 0.05.</summary>
    [Range(0.0, 1e6)]
    public double Beta { get; init; } = 0.05;

    /// <summary>ε, where the ratio is clipped; > 0. Default 0.2.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float Epsilon { get; init; } = 0.2f;

    /// <summary>True brings advantages to mean 0 and variance 1 over a step. Default false.</summary>
    public bool NormalizeAdvantages { get; init; }

    /// <summary>The least and the largest reward that count, in reward units; null does not clip. Default null.</summary>
    public IReadOnlyList<double>? RewardClipRange { get; init; }

    /// <inheritdoc/>
    public override LearningSignal Judge(Rollouts rollouts, IDictionary<string, double> memory)
    {
        double[] scores = [.. rollouts.Scores.Zip(rollouts.SequenceKl(), (score, kl) => Clipped(score) - Beta * kl)];
        double[] advantages = GroupAdvantages.ToOthers(scores, rollouts.Generations);
        return new LearningSignal { Advantages = NormalizeAdvantages ? GroupAdvantages.Normalized(advantages) : advantages };
    }

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        RolloutTokens rollout = batch.Rollout ?? throw new ArgumentException("RLOO learns from the policy's own replies; these rows are logged.", nameof(batch));
        Tensor ratio = batch.SumByCompletion(tokenLogProbs - Tensor.Vector(rollout.OldLogProbs)).Exp();            // [B]  ρ
        return ClippedSurrogate(ratio, batch.Advantages, Epsilon, Epsilon);
    }

    /// <inheritdoc/>
    public override void Measure(ReadOnlySpan<float> tokenLogProbs, ReadOnlySpan<float> tokenValues, CompletionBatch batch, FigureMeans figures)
    {
        for (int b = 0; b < batch.Count; b++)
        {
            double logRatio = 0;
            for (int t = batch.Offsets[b]; t < batch.Offsets[b + 1]; t++) logRatio += (double)tokenLogProbs[t] - batch.Rollout!.OldLogProbs[t];
            double ratio = Math.Exp(logRatio), advantage = batch.AdvantageValues[b];
            figures.Add("policy/clipfrac_avg", ratio * advantage > Math.Clamp(ratio, 1 - Epsilon, 1 + Epsilon) * advantage ? 1 : 0);
            figures.Add("policy/approxkl_avg", logRatio * logRatio / 2);
        }
    }

    private double Clipped(double score) => RewardClipRange is [double low, double high] ? Math.Clamp(score, low, high) : score;
}
