using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>PPO: tokens as actions, a value head on the policy's hidden states, several clipped updates on each batch of replies.</summary>
/// <remarks>
/// Loss = mean over tokens of max(−ρ_t·A_t, −clip(ρ_t, 1 ± ε)·A_t) + c·½·max((V_t − R_t)², (V_old + clip(V_t − V_old, ±ε_v) − R_t)²), with
/// ρ_t = π_θ(y_t)/π_old(y_t) and A, R by GAE on rewards −c_KL·kl_t + score. Schulman et al. 2017, arXiv:1707.06347; Ziegler et al. 2019, arXiv:1909.08593.
/// Defaults are those of TRL 0.7, with which A-LoL's authors ran it. The head's gradient goes into the policy, whose trunk it shares.
/// </remarks>
public sealed record Ppo : OnlineAlgorithm
{
    private const string CoefficientKey = "kl_coef", MeanKey = "score_mean", VarianceKey = "score_variance", CountKey = "score_count";

    /// <summary>Replies to each prompt of a step; ≥ 1. Default 1.</summary>
    public override int NumGenerations { get; init; } = 1;

    /// <summary>Passes over a step's replies, TRL's <c>num_ppo_epochs</c>; ≥ 1. Default 4.</summary>
    [JsonPropertyName("num_ppo_epochs")]
    public override int NumIterations { get; init; } = 4;

    /// <summary>c_KL, at first: what a nat of drift from the reference costs; reward units, ≥ 0. Default 0.2.</summary>
    [Range(0.0, 1e6)]
    public double InitKlCoef { get; init; } = 0.2;

    /// <summary>True moves c_KL so that the drift comes to <see cref="Target"/>; false keeps it. Default true.</summary>
    public bool AdapKlCtrl { get; init; } = true;

    /// <summary>The drift to come to, in nats a reply; > 0. Default 6.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double Target { get; init; } = 6;

    /// <summary>Replies over which an error of the drift is made good; > 0. Default 10,000.</summary>
    [Range(0.0, 1e12, MinimumIsExclusive = true)]
    public double Horizon { get; init; } = 10_000;

    /// <summary>How drift is estimated at a token. Default k1.</summary>
    public KlPenalty KlPenalty { get; init; } = KlPenalty.K1;

    /// <summary>γ, the discount of later rewards; in [0, 1]. Default 1.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; init; } = 1;

    /// <summary>λ of GAE; in [0, 1]. Default 0.95.</summary>
    [Range(0.0, 1.0)]
    public double Lam { get; init; } = 0.95;

    /// <summary>ε, where the ratio is clipped; > 0. Default 0.2.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public float Cliprange { get; init; } = 0.2f;

    /// <summary>ε_v, how far from the old value a new one still counts; reward units, > 0. Null does not clip. Default 0.2.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float? CliprangeValue { get; init; } = 0.2f;

    /// <summary>c, the weight of the value's loss; ≥ 0. Default 0.1.</summary>
    [Range(0.0, 1e6)]
    public float VfCoef { get; init; } = 0.1f;

    /// <summary>
    /// True divides scores by their running deviation, after their running mean was taken off: the value begins at 0, and rewards far from it would
    /// make a token's advantage its distance from the end. Default true, as A-LoL's authors ran it.
    /// </summary>
    public bool UseScoreScaling { get; init; } = true;

    /// <summary>True brings tokens' rewards to variance 1. Default false.</summary>
    public bool WhitenRewards { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool UsesValues => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool AveragesTokens => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyDictionary<string, double> InitialMemory
    {
        get
        {
            var none = new RunningMoments();
            return new Dictionary<string, double> { [CoefficientKey] = InitKlCoef, [MeanKey] = none.Mean, [VarianceKey] = none.Variance, [CountKey] = none.Count };
        }
    }

    /// <inheritdoc/>
    public override LearningSignal Judge(Rollouts rollouts, IDictionary<string, double> memory)
    {
        double coefficient = memory[CoefficientKey];
        double[] scores = UseScoreScaling ? Scaled(rollouts.Scores, memory) : rollouts.Scores;
        double[] kl = new double[rollouts.OldLogProbs.Length];
        for (int t = 0; t < kl.Length; t++) kl[t] = TokenRewards.Kl(KlPenalty, rollouts.OldLogProbs[t], rollouts.ReferenceLogProbs[t]);
        double[] rewards = TokenRewards.Of(kl, scores, rollouts.Offsets, coefficient);
        if (WhitenRewards) rewards = TokenRewards.Whiten(rewards, shift: false);
        (double[] advantages, double[] returns) = GeneralizedAdvantages.Of(rewards, Array.ConvertAll(rollouts.OldValues, value => (double)value), rollouts.Offsets, Gamma, Lam);
        double drift = rollouts.SequenceKl().Average();
        if (AdapKlCtrl) memory[CoefficientKey] = KlController.Next(coefficient, drift, Target, Horizon, scores.Length);
        return new LearningSignal
        {
            Advantages = MeanOfTokens(advantages, rollouts.Offsets),
            TokenAdvantages = TokenRewards.Whiten(advantages),
            Returns = returns,
            Figures = new Dictionary<string, double>
            {
                ["objective/kl_coef"] = coefficient,
                ["objective/non_score_reward"] = -coefficient * drift,
                ["val/explained_variance"] = ExplainedVariance(returns, rollouts.OldValues),
            },
        };
    }

    /// <summary>The clipped objective of each completion, summed over its tokens, [B]; the value's loss is in <see cref="Loss(Tensor, Tensor, CompletionBatch)"/>.</summary>
    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch) => batch.SumByCompletion(PolicyLosses(tokenLogProbs, batch));

    /// <inheritdoc/>
    public override Tensor Loss(Tensor tokenLogProbs, CompletionBatch batch) =>
        (batch.RepeatByToken(batch.Weights) * PolicyLosses(tokenLogProbs, batch)).Mean();

    /// <inheritdoc/>
    public override Tensor Loss(Tensor tokenLogProbs, Tensor? tokenValues, CompletionBatch batch)
    {
        if (tokenValues is null) throw new ArgumentNullException(nameof(tokenValues), "PPO's loss needs the value head's values.");
        Tensor returns = Tensor.Vector(batch.Rollout!.Returns), error = tokenValues - returns, squares = error * error;              // [N]
        if (CliprangeValue is { } range)
        {
            Tensor old = Tensor.Vector(batch.Rollout.OldValues), held = (tokenValues - old).Clamp(-range, range) + old - returns;
            squares += (held * held - squares).Maximum(0);                                                                          // max(a, b) = a + max(b − a, 0)
        }
        return Loss(tokenLogProbs, batch) + squares.Mean() * (0.5f * VfCoef);
    }

    /// <inheritdoc/>
    public override void Measure(ReadOnlySpan<float> tokenLogProbs, ReadOnlySpan<float> tokenValues, CompletionBatch batch, FigureMeans figures)
    {
        RolloutTokens rollout = batch.Rollout!;
        double clipped = 0, squares = 0, error = 0, ratios = 0;
        for (int t = 0; t < tokenLogProbs.Length; t++)
        {
            double logRatio = (double)tokenLogProbs[t] - rollout.OldLogProbs[t], ratio = Math.Exp(logRatio), advantage = rollout.Advantages[t];
            ratios += ratio;
            squares += logRatio * logRatio / 2;
            if (-advantage * Math.Clamp(ratio, 1 - Cliprange, 1 + Cliprange) > -advantage * ratio) clipped++;
            if (tokenValues.Length > 0) error += ((double)tokenValues[t] - rollout.Returns[t]) * (tokenValues[t] - rollout.Returns[t]) / 2;
        }
        int n = tokenLogProbs.Length;
        figures.Add("policy/clipfrac_avg", clipped / n, n);
        figures.Add("policy/approxkl_avg", squares / n, n);
        figures.Add("val/ratio", ratios / n, n);
        if (tokenValues.Length > 0) figures.Add("loss/value_avg", error / n, n);
    }

    private Tensor PolicyLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        RolloutTokens rollout = batch.Rollout ?? throw new ArgumentException("PPO learns from the policy's own replies; these rows are logged.", nameof(batch));
        Tensor ratio = (tokenLogProbs - Tensor.Vector(rollout.OldLogProbs)).Exp();                                                  // [N]  ρ_t
        return ClippedSurrogate(ratio, Tensor.Vector(rollout.Advantages), Cliprange, Cliprange);
    }

    private static double[] Scaled(double[] scores, IDictionary<string, double> memory)
    {
        RunningMoments moments = new RunningMoments(memory[MeanKey], memory[VarianceKey], memory[CountKey]).With(scores);
        (memory[MeanKey], memory[VarianceKey], memory[CountKey]) = (moments.Mean, moments.Variance, moments.Count);
        double deviation = moments.Deviation + 1.1920929e-7;                                    // the smallest step of single precision at 1
        return Array.ConvertAll(scores, score => (score - moments.Mean) / deviation);
    }

    private static double[] MeanOfTokens(double[] perToken, int[] offsets)
    {
        double[] means = new double[offsets.Length - 1];
        for (int i = 0; i < means.Length; i++) means[i] = perToken.AsSpan(offsets[i], offsets[i + 1] - offsets[i]).ToArray().Average();
        return means;
    }

    // 1 − Var(R − V)/Var(R): 1 for a perfect value, 0 for a constant.
    private static double ExplainedVariance(double[] returns, float[] values)
    {
        double[] errors = [.. returns.Zip(values, (r, v) => r - v)];
        double variance = Variance(returns);
        return variance == 0 ? 0 : 1 - Variance(errors) / variance;
    }

    private static double Variance(double[] x)
    {
        double mean = x.Average();
        return x.Average(value => (value - mean) * (value - mean));
    }
}
