using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>Weighted behaviour cloning: likelihood weighted by reward.</summary>
/// <remarks>Loss = −mean[ R(x,y) · ln π_θ(y|x) ]. Baheti et al. 2024, "Leftover Lunch", arXiv:2305.14718, its baseline wBC.</remarks>
public sealed record WeightedBehaviorCloning : Algorithm
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.Reward;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch) =>
        -(batch.Rewards * batch.SumByCompletion(tokenLogProbs));
}
