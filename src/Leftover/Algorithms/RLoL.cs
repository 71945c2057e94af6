using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>R-LoL: reward times one clipped importance weight for the whole completion.</summary>
/// <remarks>
/// Loss = −mean[ R(x,y) · r · ln π_θ(y|x) ] + β · mean[ ln π_θ(y|x) − ln π_ref(y|x) ], with r = clip(π_θ(y|x) / π_ref(y|x), 1−ε, 1+ε);
/// r = 1 where β &gt; 0, as in the authors' code. Baheti et al. 2024, arXiv:2305.14718, §2.
/// </remarks>
public sealed record RLoL : Algorithm
{
    /// <summary>ε, half the width of the clip range; no unit, ≥ 0. Null does not clip (the weight ends at e^80, inside single precision). Default 0.9.</summary>
    [Range(0.0, 1e6)]
    public float? ClipRange { get; init; } = 0.9f;

    /// <summary>β, the weight of the log-ratio penalty; reward units a nat, ≥ 0. Default 0.</summary>
    [Range(0.0, 1e6)]
    public float KlBeta { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.Reward;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool UsesReference => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Weighting? Weighting => KlBeta > 0 ? null : new(ClipRange, PerToken: false);

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor logProbs = batch.SumByCompletion(tokenLogProbs);                                 // [B]  ln π_θ(y|x)
        Tensor logRatio = batch.LogRatios(tokenLogProbs);                                       // [B]  ln π_θ/π_ref
        if (KlBeta > 0) return logRatio * KlBeta - batch.Rewards * logProbs;
        return -(batch.Rewards * ImportanceWeight.Of(logRatio, ClipRange) * logProbs);
    }
}
