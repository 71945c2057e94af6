using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>SimPO: the mean log-probability a token is an answer's reward, and a better answer's shall be larger by a margin; no reference.</summary>
/// <remarks>
/// Loss = −mean over pairs of ln σ(β·[ln π_θ(y_c|x)/|y_c| − ln π_θ(y_r|x)/|y_r|] − γ). Meng, Xia &amp; Chen 2024, arXiv:2405.14734, eq. 6; β = 2 and
/// γ = 0.5 (TRL's; the paper tunes β in 2 … 10 and γ/β in 0 … 1).
/// </remarks>
public sealed record SimPo : PairAlgorithm
{
    /// <summary>β, the reward's scale; no unit, > 0. Default 2.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float Beta { get; init; } = 2;

    /// <summary>γ, the margin by which chosen must lead; in the reward's scale, ≥ 0. Default 0.5.</summary>
    [JsonPropertyName("simpo_gamma")]
    [Range(0.0, 1e6)]
    public float Gamma { get; init; } = 0.5f;

    /// <summary>ε, the probability that a preference is wrong; in [0, 0.5). Default 0.</summary>
    [Range(0.0, 0.5, MaximumIsExclusive = true)]
    public float LabelSmoothing { get; init; }

    /// <summary>The weight of the better answers' likelihood (CPO-SimPO); ≥ 0. Default 0.</summary>
    [Range(0.0, 1e6)]
    public float CpoAlpha { get; init; }

    /// <summary>α of AlphaPO: rewards are (1 − p^−α)/α with ln p the mean log-probability; 0 is ln p itself. Default 0. Gupta et al. 2025, arXiv:2501.03884.</summary>
    [Range(-100.0, 100.0)]
    public float Alpha { get; init; }

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor rewards = batch.MeanByCompletion(tokenLogProbs);                                 // [B]
        if (Alpha != 0) rewards = (1 - (rewards * -Alpha).Exp()) * (1 / Alpha);
        return Logistic((batch.First(rewards) - batch.Last(rewards)) * Beta - Gamma, LabelSmoothing);
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor tokenLogProbs, CompletionBatch batch) => CpoAlpha == 0
        ? base.Loss(tokenLogProbs, batch)
        : base.Loss(tokenLogProbs, batch) + ChosenNll(tokenLogProbs, batch) * CpoAlpha;

    /// <inheritdoc/>
    protected override double ImplicitReward(double logProb, double logRatio, int tokens) =>
        Beta * (Alpha == 0 ? logProb / tokens : (1 - Math.Exp(-Alpha * logProb / tokens)) / Alpha);
}
