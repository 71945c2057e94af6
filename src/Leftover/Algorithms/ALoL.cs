using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>A-LoL: advantage times one clipped importance weight for the whole completion.</summary>
/// <remarks>
/// Loss = −mean[ A⁺(x,y) · r · ln π_θ(y|x) ] with r = clip(π_θ(y|x) / π_ref(y|x), 1−ε, 1+ε), a constant to the
/// gradient, and A⁺ = max(A, 0). Baheti et al. 2024, "Leftover Lunch", arXiv:2305.14718, §2.
/// </remarks>
public sealed record ALoL : Algorithm
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
    public override Weighting? Weighting => new(ClipRange, PerToken: false);

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor logProbs = batch.SumByCompletion(tokenLogProbs);                                     // [B]  ln π_θ(y|x)
        Tensor importanceWeight = ImportanceWeight.Of(batch.LogRatios(tokenLogProbs), ClipRange);   // [B]  r
        return -(batch.PositiveAdvantages * importanceWeight * logProbs);
    }
}
