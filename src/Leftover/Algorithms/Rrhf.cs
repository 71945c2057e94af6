using System.ComponentModel.DataAnnotations;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>RRHF: an answer's mean log-probability shall not be below that of any worse one, and the answer of the highest reward is learned.</summary>
/// <remarks>Loss of a list = Σ_{r_i&lt;r_j} max(0, s_i − s_j) − λ·ln π_θ(y_*|x), y_* of the highest reward, s the mean log-probability a token. Yuan et al. 2023, arXiv:2304.05302, eq. 2 to 4; λ = 1 is theirs.</remarks>
public sealed record Rrhf : RankingAlgorithm
{
    /// <summary>λ, the weight of the best answer's likelihood; ≥ 0. Default 1.</summary>
    [Range(0.0, 1e6)]
    public float SftWeight { get; init; } = 1;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor logProbs = batch.SumByCompletion(tokenLogProbs), scores = batch.PerToken(logProbs);      // [B]
        List<int> worse = [], better = [], lists = [0], best = [];
        for (int g = 0; g < batch.Groups; g++)
        {
            best.Add(batch.GroupOffsets[g]);
            for (int i = batch.GroupOffsets[g]; i < batch.GroupOffsets[g + 1]; i++)
            {
                if (batch.RewardValues[i] > batch.RewardValues[best[g]]) best[g] = i;
                for (int j = batch.GroupOffsets[g]; j < batch.GroupOffsets[g + 1]; j++)
                {
                    if (!(batch.RewardValues[i] < batch.RewardValues[j])) continue;
                    worse.Add(i);
                    better.Add(j);
                }
            }
            lists.Add(worse.Count);
        }
        Tensor violations = (scores.Pick([.. worse]) - scores.Pick([.. better])).Maximum(0);
        return violations.SumBySegment([.. lists]) - logProbs.Pick([.. best]) * SftWeight;
    }
}
