using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>PRO: each answer of a ranked list against all that are worse, the more so the further their rewards lie apart.</summary>
/// <remarks>
/// Loss of a list y_1 … y_n = −Σ_{k&lt;n} ln [ e^{s_k·T_kk} / (ε + Σ_{j≥k} e^{s_j·T_kj}) ] + λ·(n−1)²·(−ln π_θ(y_*|x)), with s the mean log-probability a token,
/// T_kj = r_k − r_j for j &gt; k and T_kk the largest of them, y_* the best answer. Song et al. 2023, arXiv:2306.17492, eq. 6 to 8; λ = 0.05 and its factor are the
/// authors' code. What A-LoL's authors ran beside their method is <c>{name: pro, candidates: 2, prefer: data, log_epsilon: 1e-10, released_mask: true}</c>.
/// </remarks>
public sealed record Pro : RankingAlgorithm
{
    /// <summary>λ, the weight of the best answer's likelihood; ≥ 0. Default 0.05.</summary>
    [Range(0.0, 1e6)]
    public float SftWeight { get; init; } = 0.05f;

    /// <summary>ε in the logarithm; in [0, 1]. Default 0, the formula; the authors' code has 1e-10. It is there to reproduce published numbers.</summary>
    [Range(0.0, 1.0)]
    public float LogEpsilon { get; init; }

    /// <summary>
    /// True counts the tokens that the code released with A-LoL counts, to reproduce published numbers: an answer's first token is left out, and the pad after its last one
    /// counts where the answer is shorter than the longest of its list. Default false: an answer's own tokens.
    /// </summary>
    public bool ReleasedMask { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool ReadsPads => ReleasedMask;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        float[] counts = Counted(batch), shares = new float[batch.Count];
        for (int b = 0; b < shares.Length; b++)
        {
            float tokens = 0;
            foreach (float one in counts.AsSpan(batch.Offsets[b]..batch.Offsets[b + 1])) tokens += one;
            shares[b] = tokens == 0 ? 0 : 1 / tokens;                                           // an answer of one token may have none left; its score is 0
        }
        Tensor logProbs = batch.SumByCompletion(ReleasedMask ? tokenLogProbs * Tensor.Vector(counts) : tokenLogProbs);      // [B]
        Tensor ranks = RankLosses(logProbs * Tensor.Vector(shares), batch);                     // [G]
        float[] weights = new float[batch.Groups];
        for (int g = 0; g < weights.Length; g++)
        {
            int worse = batch.GroupOffsets[g + 1] - batch.GroupOffsets[g] - 1;
            weights[g] = SftWeight * worse * worse;
        }
        return ranks - batch.Best(logProbs) * Tensor.Vector(weights);
    }

    // 1 where a token counts; [N]. With pads, an answer's last token is its pad.
    private float[] Counted(CompletionBatch batch)
    {
        float[] counts = new float[batch.Offsets[^1]];
        Array.Fill(counts, 1);
        if (!ReleasedMask) return counts;
        for (int g = 0; g < batch.Groups; g++)
        {
            (int first, int end) = (batch.GroupOffsets[g], batch.GroupOffsets[g + 1]);
            int longest = 0;
            for (int b = first; b < end; b++) longest = Math.Max(longest, batch.Offsets[b + 1] - batch.Offsets[b]);
            for (int b = first; b < end; b++)
            {
                int tokens = batch.Offsets[b + 1] - batch.Offsets[b];
                if (tokens < 2) throw new ArgumentException($"PRO with the released mask reads a pad after each answer; completion {b} has {tokens} tokens with it, and needs at least 2.", nameof(batch));
                counts[batch.Offsets[b]] = 0;
                if (tokens == longest) counts[batch.Offsets[b + 1] - 1] = 0;
            }
        }
        return counts;
    }

    // Every stage's terms end to end: that of the answer itself, then those of the worse ones.
    private Tensor RankLosses(Tensor scores, CompletionBatch batch)
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
        Tensor sums = terms.LogSumExpBySegment([.. stages]);
        if (LogEpsilon > 0) sums -= (sums - MathF.Log(LogEpsilon)).LogSigmoid();                // ln(e^a + ε) = a + ln(1 + e^(ln ε − a))
        return (sums - terms.Pick([.. positives])).SumBySegment([.. lists]);
    }
}
