using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>A-LoL KL: the importance weight is 1, and the log-ratio to the reference policy is a penalty.</summary>
/// <remarks>
/// Loss = mean[ −A⁺(x,y) · ln π_θ(y|x) + β · (ln π_θ(y|x) − ln π_ref(y|x)) ]. Baheti et al. 2024, arXiv:2305.14718, §2.
/// Its gradient is −(A⁺−β)·∇ln π_θ: answers with A⁺ below β are pushed away, and π_ref moves the loss but not the gradient.
/// </remarks>
public sealed record ALoLKl : Algorithm
{
    /// <summary>β, the weight of the penalty; reward units a nat, ≥ 0. Default 0.1.</summary>
    [Range(0.0, 1e6)]
    public float KlBeta { get; init; } = 0.1f;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.Advantage;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool UsesReference => true;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor logProbs = batch.SumByCompletion(tokenLogProbs);                                 // [B]  ln π_θ(y|x)
        return batch.LogRatios(tokenLogProbs) * KlBeta - batch.PositiveAdvantages * logProbs;
    }
}
