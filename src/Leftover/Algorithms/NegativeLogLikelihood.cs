using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>NLL: plain supervised learning on the completions.</summary>
/// <remarks>Loss = −mean[ ln π_θ(y|x) ], a sum over tokens. Also what SFT and pre-training minimise.</remarks>
public sealed record NegativeLogLikelihood : Algorithm
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.None;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch) =>
        -batch.SumByCompletion(tokenLogProbs);
}
