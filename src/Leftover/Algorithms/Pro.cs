using System.ComponentModel.DataAnnotations;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>PRO: each answer of a ranked list against all that are worse, the more so the further their rewards lie apart.</summary>
/// <remarks>
/// Loss of a list y_1 … y_n = −Σ_{k&lt;n} ln [ e^{s_k·T_kk} / Σ_{j≥k} e^{s_j·T_kj} ] + λ·(n−1)²·(−ln π_θ(y_1|x)), with s the mean log-probability a token,
/// T_kj = r_k − r_j for j &gt; k and T_kk the largest of them. Song et al. 2023, arXiv:2306.17492, eq. 6 to 8; λ = 0.05 and its factor are the authors' code.
/// </remarks>
public sealed record Pro : RankingAlgorithm
{
    /// <summary>λ, the weight of the best answer's likelihood; ≥ 0. Default 0.05.</summary>
    [Range(0.0, 1e6)]
    public float SftWeight { get; init; } = 0.05f;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor logProbs = batch.SumByCompletion(tokenLogProbs);                                 // [B]
        Tensor ranks = RankLosses(batch.PerToken(logProbs), batch);                             // [G]
        float[] weights = new float[batch.Groups];
        for (int g = 0; g < weights.Length; g++)
        {
            int worse = batch.GroupOffsets[g + 1] - batch.GroupOffsets[g] - 1;
            weights[g] = SftWeight * worse * worse;
        }
        return ranks - batch.First(logProbs) * Tensor.Vector(weights);
    }

    // Every stage's terms end to end: that of the answer itself, then those of the worse ones.
    private static Tensor RankLosses(Tensor scores, CompletionBatch batch)
    {
        List<int> places = [], positives = [], stages = [0], lists = [0];
        List<float> temperatures = [];
        for (int g = 0; g < batch.Groups; g++)
        {
            int end = batch.GroupOffsets[g + 1];
            for (int k = batch.GroupOffsets[g]; k < end - 1; k++)
            {
                positives.Add(places.Count);
                places.Add(k);
                temperatures.Add(0);
                float largest = float.NegativeInfinity;
                for (int j = k + 1; j < end; j++)
                {
                    float difference = batch.RewardValues[k] - batch.RewardValues[j];
                    largest = Math.Max(largest, difference);
                    places.Add(j);
                    temperatures.Add(difference);
                }
                temperatures[positives[^1]] = largest;
                stages.Add(places.Count);
            }
            lists.Add(positives.Count);
        }
        Tensor terms = scores.Pick([.. places]) * Tensor.Vector([.. temperatures]);
        return (terms.LogSumExpBySegment([.. stages]) - terms.Pick([.. positives])).SumBySegment([.. lists]);
    }
}
