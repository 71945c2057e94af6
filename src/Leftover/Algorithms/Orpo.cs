using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>ORPO: likelihood of the better answer, and an odds ratio that pushes the worse one away; no reference.</summary>
/// <remarks>
/// Loss = mean NLL a token of chosen − β·mean over pairs of ln σ(ln odds_c − ln odds_r), odds = p/(1 − p) with ln p the mean log-probability a token.
/// Hong, Lee &amp; Thorne 2024, arXiv:2403.07691, eq. 6 and 7; β (their λ) = 0.1 is theirs.
/// </remarks>
public sealed record Orpo : PairAlgorithm
{
    private const float LargestMean = -1e-6f;                // ln p; at 0 the odds are infinite

    /// <summary>β, the weight of the odds ratio; no unit, ≥ 0. Default 0.1.</summary>
    [Range(0.0, 1e6)]
    public float Beta { get; init; } = 0.1f;

    /// <summary>The odds ratio's loss of each pair, [G]; the likelihood is <see cref="Loss"/>'s.</summary>
    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor logOdds = LogOdds(batch.MeanByCompletion(tokenLogProbs));                        // [B]
        return (batch.First(logOdds) - batch.Last(logOdds)).LogSigmoid() * -Beta;
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor tokenLogProbs, CompletionBatch batch) =>
        base.Loss(tokenLogProbs, batch) + ChosenNll(tokenLogProbs, batch);

    /// <inheritdoc/>
    protected override double ImplicitReward(double logProb, double logRatio, int tokens) => Beta * logProb / tokens;

    // ln p − ln(1 − p), and 1 − p = tanh(−ln p / 2)·(1 + p) keeps its digits where p is near 1.
    private static Tensor LogOdds(Tensor logP)
    {
        Tensor held = logP.Clamp(float.NegativeInfinity, LargestMean);
        return logP - (held * -0.5f).Tanh().Log() + (-held).LogSigmoid();
    }
}
