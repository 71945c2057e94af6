using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>A-LoL sequence: one clipped importance weight for each token.</summary>
/// <remarks>
/// Loss = −mean[ A⁺(x,y) · Σ_t r_t · ln π_θ(y_t) ] with r_t = clip(π_θ(y_t) / π_ref(y_t), 1−ε, 1+ε). It approximates A-LoL: the
/// product of the ratios times the sum of the log-probabilities becomes a sum of products. Baheti et al. 2024, arXiv:2305.14718, §2.
/// </remarks>
public sealed record ALoLSequence : Algorithm
{
    /// <summary>ε, half the width of the clip range; no unit, ≥ 0. Null does not clip (the weight ends at e^80, inside single precision). Default 0.9.</summary>
    [Range(0.0, 1e6)]
    public float? ClipRange { get; init; } = 0.9f;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.Advantage;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool UsesReference => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Weighting? Weighting => new(ClipRange, PerToken: true);

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor importanceWeights = ImportanceWeight.Of(tokenLogProbs - batch.ReferenceTokenLogProbs, ClipRange);   // [N]  r_t
        return -(batch.PositiveAdvantages * batch.SumByCompletion(importanceWeights * tokenLogProbs));
    }
}
