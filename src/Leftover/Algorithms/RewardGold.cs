using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>R-GOLD: each token weighted by its own probability, the completion by its reward.</summary>
/// <remarks>
/// Loss = −mean[ R(x,y) · Σ_t max(π_θ(y_t), u) · ln π_θ(y_t) ], the weight a constant to the gradient.
/// Pang &amp; He 2021, GOLD, arXiv:2009.07839, with the sequence reward of arXiv:2305.14718; the floor u is that paper's code.
/// </remarks>
public sealed record RewardGold : Algorithm
{
    /// <summary>u, the least weight of a token; a probability in [0, 1]. Default 0.1.</summary>
    [Range(0.0, 1.0)]
    public float Floor { get; init; } = 0.1f;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.Reward;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor tokenWeights = tokenLogProbs.Detach().Exp().Maximum(Floor);                      // [N]  max(π_θ(y_t), u)
        return -(batch.Rewards * batch.SumByCompletion(tokenWeights * tokenLogProbs));
    }
}
