using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>A-LoL reference-free: the importance weight is 1.</summary>
/// <remarks>
/// Loss = −mean[ A⁺(x,y) · ln π_θ(y|x) ]. Baheti et al. 2024, arXiv:2305.14718, §2. The authors' HHA script leaves negative advantages as they
/// are, which pushes those answers away; see <see cref="Clamp"/>.
/// </remarks>
public sealed record ALoLReferenceFree : Algorithm
{
    /// <summary>True takes A⁺ = max(A, 0); false takes A itself, which differs where the filter lets answers without a positive advantage in. Default true.</summary>
    public bool Clamp { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.Advantage;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch) =>
        -((Clamp ? batch.PositiveAdvantages : batch.Advantages) * batch.SumByCompletion(tokenLogProbs));
}
