using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>KTO: desirable answers above, undesirable ones below the policy's own drift from the reference; no pairs are needed.</summary>
/// <remarks>
/// Loss = mean of λ_y·(1 − σ(±β·[ln π_θ(y|x)/π_ref(y|x) − z])), + for desirable answers, − for others; z = max(0, mean of ln π_θ(y'|x)/π_ref(y'|x)) over other
/// prompts' answers y', a constant to the gradient. Ethayarajh et al. 2024, arXiv:2402.01306, eq. 8; β = 0.1 and λ = 1 are theirs.
/// <c>apo_zero_unpaired</c> leaves z at 0: D'Oosterlinck et al. 2024, arXiv:2408.06266.
/// A group is an answer and, where drift is measured, one of another prompt to the same prompt. z is the packed batch's: one that is cut for memory has several.
/// </remarks>
public sealed record Kto : GroupAlgorithm
{
    /// <summary>The loss of an answer: kto or apo_zero_unpaired. Default kto.</summary>
    public KtoLoss LossType { get; init; } = KtoLoss.Kto;

    /// <summary>β, how strongly the reference holds; no unit, > 0. Default 0.1.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float Beta { get; init; } = 0.1f;

    /// <summary>λ of desirable answers; ≥ 0. Default 1. Weighted numbers of both kinds should be of one size, between 1:1 and 4:3.</summary>
    [Range(0.0, 1e6)]
    public float DesirableWeight { get; init; } = 1;

    /// <summary>λ of undesirable answers; ≥ 0. Default 1.</summary>
    [Range(0.0, 1e6)]
    public float UndesirableWeight { get; init; } = 1;

    /// <summary>What an answer is judged by. Default <see cref="LabelRule.Mean"/>.</summary>
    public LabelRule Desirable { get; init; } = LabelRule.Mean;

    /// <summary>Rewards above it are desirable, where <see cref="Desirable"/> is <see cref="LabelRule.Threshold"/>; reward units. Default 0.5.</summary>
    [Range(-double.MaxValue, double.MaxValue)]
    public double Threshold { get; init; } = 0.5;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool UsesReference => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Grouping? Grouping => new Grouping.Labels(Desirable, Threshold, MeasuresDrift: LossType == KtoLoss.Kto);

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor logRatios = batch.LogRatios(tokenLogProbs);                                              // [B]
        Tensor own = batch.First(logRatios);                                                            // [G]
        bool measures = LossType == KtoLoss.Kto && batch.Count == 2 * batch.Groups;
        Tensor drift = measures ? batch.Last(logRatios).Mean().Maximum(0).Detach() : Tensor.Vector(new float[1]);        // z
        float[] signs = new float[batch.Groups], weights = new float[batch.Groups];
        for (int g = 0; g < signs.Length; g++)
        {
            bool desirable = batch.AdvantageValues[batch.GroupOffsets[g]] > 0;
            (signs[g], weights[g]) = desirable ? (-Beta, DesirableWeight) : (Beta, UndesirableWeight);
        }
        return Tensor.Vector(weights) * ((own - drift) * Tensor.Vector(signs)).Sigmoid();              // 1 − σ(x) = σ(−x)
    }

    /// <inheritdoc/>
    public override void Measure(ReadOnlySpan<float> tokenLogProbs, ReadOnlySpan<float> tokenValues, CompletionBatch batch, FigureMeans figures)
    {
        double drift = 0;
        for (int g = 0; g < batch.Groups; g++)
        {
            (int own, int other) = (batch.GroupOffsets[g], batch.GroupOffsets[g + 1] - 1);
            figures.Add(batch.AdvantageValues[own] > 0 ? "rewards/chosen" : "rewards/rejected", Beta * LogRatio(tokenLogProbs, batch, own));
            if (LossType == KtoLoss.Kto && other > own) drift += LogRatio(tokenLogProbs, batch, other) / batch.Groups;
        }
        figures.Add("kl", Math.Max(drift, 0), batch.Groups);
    }

    private static double LogRatio(ReadOnlySpan<float> tokenLogProbs, CompletionBatch batch, int completion)
    {
        double sum = 0;
        for (int t = batch.Offsets[completion]; t < batch.Offsets[completion + 1]; t++) sum += (double)tokenLogProbs[t] - batch.ReferenceTokenLogProbValues[t];
        return sum;
    }
}

/// <summary>The loss of an answer that is desirable or not, under TRL's names.</summary>
public enum KtoLoss
{
    /// <summary>λ_y·(1 − σ(±β·[ln ρ − z])).</summary>
    Kto,

    /// <summary>The same with z = 0: no other prompts' answers are computed.</summary>
    ApoZeroUnpaired,
}
