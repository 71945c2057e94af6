using System.ComponentModel.DataAnnotations;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>SLiC: the better answer's log-probability shall lead by a margin; no reference.</summary>
/// <remarks>Loss = mean over pairs of max(0, δ − s_c + s_r) + λ·(mean NLL a token of chosen), s = ln π_θ(y|x), or its mean a token. Zhao et al. 2023, arXiv:2305.10425, eq. 1; δ = 1 is theirs.</remarks>
public sealed record Slic : PairAlgorithm
{
    /// <summary>δ, the margin in nats; ≥ 0. Default 1.</summary>
    [Range(0.0, 1e6)]
    public float Margin { get; init; } = 1;

    /// <summary>True compares means a token, false sums. Default false.</summary>
    public bool AverageLogProb { get; init; }

    /// <summary>λ, the weight of the likelihood that keeps the policy a language model; ≥ 0. Default 0.1.</summary>
    [Range(0.0, 1e6)]
    public float NllWeight { get; init; } = 0.1f;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor scores = AverageLogProb ? batch.MeanByCompletion(tokenLogProbs) : batch.SumByCompletion(tokenLogProbs);     // [B]
        return (batch.Last(scores) - batch.First(scores) + Margin).Maximum(0);
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor tokenLogProbs, CompletionBatch batch) => NllWeight == 0
        ? base.Loss(tokenLogProbs, batch)
        : base.Loss(tokenLogProbs, batch) + ChosenNll(tokenLogProbs, batch) * NllWeight;

    /// <inheritdoc/>
    protected override double ImplicitReward(double logProb, double logRatio, int tokens) => AverageLogProb ? logProb / tokens : logProb;
}
