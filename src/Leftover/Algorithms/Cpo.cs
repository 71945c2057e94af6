using System.ComponentModel.DataAnnotations;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>CPO: DPO with a uniform reference, and likelihood of the better answer.</summary>
/// <remarks>Loss = −mean over pairs of ln σ(β·[ln π_θ(y_c|x) − ln π_θ(y_r|x)]) + α·(mean NLL a token of chosen). Xu et al. 2024, arXiv:2401.08417, eq. 5; β = 0.1 and α = 1 are theirs.</remarks>
public sealed record Cpo : PairAlgorithm
{
    /// <summary>The loss of a pair: sigmoid, hinge or ipo. Default sigmoid.</summary>
    public CpoLoss LossType { get; init; } = CpoLoss.Sigmoid;

    /// <summary>β; no unit, > 0. Default 0.1.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float Beta { get; init; } = 0.1f;

    /// <summary>ε, the probability that a preference is wrong; in [0, 0.5). Read by <c>sigmoid</c>. Default 0.</summary>
    [Range(0.0, 0.5, MaximumIsExclusive = true)]
    public float LabelSmoothing { get; init; }

    /// <summary>α, the weight of the likelihood; ≥ 0. Default 1.</summary>
    [Range(0.0, 1e6)]
    public float CpoAlpha { get; init; } = 1;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor logProbs = LossType == CpoLoss.Ipo ? batch.MeanByCompletion(tokenLogProbs) : batch.SumByCompletion(tokenLogProbs);   // [B]
        Tensor margin = batch.First(logProbs) - batch.Last(logProbs);                           // [G]
        if (LossType == CpoLoss.Sigmoid) return Logistic(margin * Beta, LabelSmoothing);
        if (LossType == CpoLoss.Hinge) return (1 - margin * Beta).Maximum(0);
        Tensor distance = margin - 1 / (2 * Beta);
        return distance * distance;
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor tokenLogProbs, CompletionBatch batch) =>
        base.Loss(tokenLogProbs, batch) + ChosenNll(tokenLogProbs, batch) * CpoAlpha;

    /// <inheritdoc/>
    protected override double ImplicitReward(double logProb, double logRatio, int tokens) => Beta * (LossType == CpoLoss.Ipo ? logProb / tokens : logProb);
}

/// <summary>The loss of a pair without a reference.</summary>
public enum CpoLoss
{
    /// <summary>−ln σ(β·margin).</summary>
    Sigmoid,

    /// <summary>max(0, 1 − β·margin).</summary>
    Hinge,

    /// <summary>(margin − 1/2β)², of means a token.</summary>
    Ipo,
}
