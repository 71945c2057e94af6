using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>GRPO: replies judged against their prompt's others in units of the group's deviation, with a clipped ratio a token; no value is learned.</summary>
/// <remarks>
/// Loss of a token = −min(ρ_t·A, clip(ρ_t, 1 − ε, 1 + ε_high)·A) + β·k3_t, with A = (R − mean)/deviation over the group and k3 the estimate of
/// KL(π_θ ‖ π_ref). Shao et al. 2024, arXiv:2402.03300, eq. 3. Averages as <see cref="GrpoLoss"/> says; the defaults are TRL's.
/// </remarks>
public sealed record Grpo : OnlineAlgorithm
{
    private const float LargestLogWeight = 20;               // of vespo

    /// <summary>Replies to each prompt; ≥ 2. Default 8.</summary>
    [Range(2, 1024)]
    public override int NumGenerations { get; init; } = 8;

    /// <summary>Passes over a step's replies; ≥ 1. Default 1.</summary>
    public override int NumIterations { get; init; } = 1;

    /// <summary>The loss of a token and how tokens are averaged. Default dapo.</summary>
    public GrpoLoss LossType { get; init; } = GrpoLoss.Dapo;

    /// <summary>β, the weight of the KL to the reference; reward units a nat, ≥ 0. Default 0 (the paper: 0.04).</summary>
    [Range(0.0, 1e6)]
    public float Beta { get; init; }

    /// <summary>ε, where the ratio is clipped below, and above where <see cref="EpsilonHigh"/> says nothing; > 0. Default 0.2.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float Epsilon { get; init; } = 0.2f;

    /// <summary>Where the ratio is clipped above, beyond 1 (of <c>cispo</c>: the largest weight); > 0. Default: ε.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float? EpsilonHigh { get; init; }

    /// <summary>The largest ratio at all, also where the advantage is negative; null has none. Default null. Two-sided clipping, arXiv:2505.07291.</summary>
    [Range(1.0, 1e6)]
    public float? Delta { get; init; }

    /// <summary>What one ratio belongs to. Default a token.</summary>
    public RatioLevel ImportanceSamplingLevel { get; init; } = RatioLevel.Token;

    /// <summary>What differences from a group's mean are divided by. Default the group's deviation.</summary>
    public RewardScale ScaleRewards { get; init; } = RewardScale.Group;

    /// <summary>True weighs the KL by the ratio, which makes its gradient unbiased. Default false.</summary>
    public bool UseBiasCorrectionKl { get; init; }

    /// <summary>Replies of negative advantage that the policy has left by more than this (mean of ln π_old − ln π a token) are left out; null keeps all. Default null. DeepSeek-AI 2025, arXiv:2512.02556.</summary>
    [Range(0.0, 1e6)]
    public float? OffPolicyMaskThreshold { get; init; }

    /// <summary>τ of <c>sapo</c> where the advantage is positive; > 0. Default 1.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float SapoTemperaturePos { get; init; } = 1;

    /// <summary>τ of <c>sapo</c> where it is negative; > 0. Default 1.05.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float SapoTemperatureNeg { get; init; } = 1.05f;

    /// <summary>k of <c>vespo</c> where the advantage is not negative; ≥ 0. Default 2.</summary>
    [Range(0.0, 1e3)]
    public float VespoKPos { get; init; } = 2;

    /// <summary>λ of <c>vespo</c> where it is not; > 0. Default 3.</summary>
    [Range(1e-4, 1e3)]
    public float VespoLambdaPos { get; init; } = 3;

    /// <summary>k of <c>vespo</c> where the advantage is negative; ≥ 0. Default 3.</summary>
    [Range(0.0, 1e3)]
    public float VespoKNeg { get; init; } = 3;

    /// <summary>λ of <c>vespo</c> where it is negative; > 0. Default 2.</summary>
    [Range(1e-4, 1e3)]
    public float VespoLambdaNeg { get; init; } = 2;

    /// <summary>L of <c>dr_grpo</c>, by which sums over tokens are divided; tokens, ≥ 1. Default 256.</summary>
    [Range(1, int.MaxValue)]
    public int MaxCompletionLength { get; init; } = 256;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool UsesReference => Beta > 0;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool AveragesTokens => LossType is GrpoLoss.Bnpo or GrpoLoss.Dapo or GrpoLoss.Cispo or GrpoLoss.Vespo;

    /// <inheritdoc/>
    public override LearningSignal Judge(Rollouts rollouts, IDictionary<string, double> memory) =>
        new() { Advantages = GroupAdvantages.ToGroupMean(rollouts.Scores, rollouts.Generations, ScaleRewards) };

    /// <summary>Each completion's tokens averaged (of losses that are means over all tokens: summed) as <see cref="LossType"/> says; [B].</summary>
    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor sums = batch.SumByCompletion(TokenLosses(tokenLogProbs, batch));                                     // [B]
        return LossType switch
        {
            GrpoLoss.Grpo or GrpoLoss.Sapo => batch.PerToken(sums),
            GrpoLoss.DrGrpo => sums * (1f / MaxCompletionLength),
            _ => sums,
        };
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor losses = batch.Weights * CompletionLosses(tokenLogProbs, batch);
        return AveragesTokens ? losses.Sum() * (1f / tokenLogProbs.Length) : losses.Mean();
    }

    /// <summary>The loss of each token, [N].</summary>
    public Tensor TokenLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        RolloutTokens rollout = batch.Rollout ?? throw new ArgumentException("GRPO learns from the policy's own replies; these rows are logged.", nameof(batch));
        Tensor logRatio = tokenLogProbs - Tensor.Vector(rollout.OldLogProbs);                                       // [N]
        Tensor ratio = ImportanceSamplingLevel == RatioLevel.Token && LossType != GrpoLoss.Luspo ? logRatio.Exp() : batch.RepeatByToken(batch.MeanByCompletion(logRatio).Exp());
        Tensor advantages = batch.RepeatByToken(batch.Advantages);
        Tensor losses = LossType switch
        {
            GrpoLoss.Cispo => -(ratio.Detach().Clamp(float.NegativeInfinity, EpsilonHigh ?? 1 + Epsilon) * advantages * tokenLogProbs),
            GrpoLoss.Sapo => -(Gate(ratio, batch) * advantages),
            GrpoLoss.Vespo => -(batch.RepeatByToken(GammaWeights(logRatio, batch)) * advantages * tokenLogProbs),
            _ => Surrogate(ratio, advantages),
        };
        if (OffPolicyMaskThreshold is { } threshold) losses *= batch.RepeatByToken(OnPolicy(logRatio, batch, threshold));
        if (Beta == 0) return losses;
        Tensor drift = batch.ReferenceTokenLogProbs - tokenLogProbs, kl = drift.Exp() - drift - 1;                  // [N]  k3
        return losses + (UseBiasCorrectionKl ? kl * ratio : kl) * Beta;
    }

    /// <inheritdoc/>
    public override void Measure(ReadOnlySpan<float> tokenLogProbs, ReadOnlySpan<float> tokenValues, CompletionBatch batch, FigureMeans figures)
    {
        double low = 0, high = 0, squares = 0;
        for (int b = 0; b < batch.Count; b++)
        {
            for (int t = batch.Offsets[b]; t < batch.Offsets[b + 1]; t++)
            {
                double logRatio = (double)tokenLogProbs[t] - batch.Rollout!.OldLogProbs[t], ratio = Math.Exp(logRatio);
                squares += logRatio * logRatio / 2;
                if (ratio < 1 - Epsilon && batch.AdvantageValues[b] < 0) low++;
                if (ratio > 1 + (EpsilonHigh ?? Epsilon) && batch.AdvantageValues[b] > 0) high++;
            }
        }
        int n = tokenLogProbs.Length;
        figures.Add("clip_ratio/low_mean", low / n, n);
        figures.Add("clip_ratio/high_mean", high / n, n);
        figures.Add("policy/clipfrac_avg", (low + high) / n, n);
        figures.Add("policy/approxkl_avg", squares / n, n);
    }

    private Tensor Surrogate(Tensor ratio, Tensor advantages)
    {
        float high = EpsilonHigh ?? Epsilon;
        if (Delta is not { } delta) return ClippedSurrogate(ratio, advantages, Epsilon, high);
        return NegatedMinimum(ratio.Clamp(float.NegativeInfinity, delta) * advantages, ratio.Clamp(1 - Epsilon, 1 + high) * advantages);
    }

    private Tensor Gate(Tensor ratio, CompletionBatch batch)
    {
        Tensor positive = batch.RepeatByToken(Tensor.Vector(Array.ConvertAll(batch.AdvantageValues, advantage => advantage > 0 ? 1f : 0f)));
        return positive * Soft(SapoTemperaturePos) + (1 - positive) * Soft(SapoTemperatureNeg);

        Tensor Soft(float temperature) => ((ratio - 1) * temperature).Sigmoid() * (4 / temperature);
    }

    // φ(w) = e^(λ + k·ln w − λ·w), w held to [1e-8, e^20] as the authors do; [B], a constant.
    private Tensor GammaWeights(Tensor logRatio, CompletionBatch batch)
    {
        Tensor logWeights = batch.SumByCompletion(logRatio.Detach().Clamp(-LargestLogWeight, LargestLogWeight)).Clamp(MathF.Log(1e-8f), LargestLogWeight);
        Tensor k = BySign(VespoKPos, VespoKNeg), lambda = BySign(VespoLambdaPos, VespoLambdaNeg);
        return (lambda + k * logWeights - lambda * logWeights.Exp()).Exp();

        Tensor BySign(float notNegative, float negative) => Tensor.Vector(Array.ConvertAll(batch.AdvantageValues, advantage => advantage >= 0 ? notNegative : negative));
    }

    // 1 − [A < 0 and mean(ln π_old − ln π) > threshold].
    private static Tensor OnPolicy(Tensor logRatio, CompletionBatch batch, float threshold)
    {
        Tensor negative = Tensor.Vector(Array.ConvertAll(batch.AdvantageValues, advantage => advantage < 0 ? 1f : 0f));
        Tensor left = ((-batch.MeanByCompletion(logRatio).Detach() - threshold) * float.MaxValue).Clamp(0, 1);
        return 1 - left * negative;
    }
}
