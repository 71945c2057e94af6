using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>DPO: the log-ratio to the reference is an answer's reward, and a better answer's shall be the larger.</summary>
/// <remarks>
/// Loss = −mean over pairs of ln σ(β·[ln π_θ(y_c|x)/π_ref(y_c|x) − ln π_θ(y_r|x)/π_ref(y_r|x)]). Rafailov et al. 2023, arXiv:2305.18290, eq. 7; β = 0.1 is
/// theirs. The other losses are <see cref="DpoLoss"/>'s.
/// </remarks>
public sealed record Dpo : PairAlgorithm
{
    private const float Temperature = 0.05f;                 // τ of discopop
    private const float LeastSmoothing = 1e-3f;              // of exo_pair, whose loss has ln ε

    /// <summary>The loss of a pair. Default sigmoid.</summary>
    public DpoLoss LossType { get; init; } = DpoLoss.Sigmoid;

    /// <summary>β, how strongly the reference holds; no unit, > 0. Default 0.1.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float Beta { get; init; } = 0.1f;

    /// <summary>ε, the probability that a preference is wrong; in [0, 0.5). Read by <c>sigmoid</c>, <c>robust</c> and <c>exo_pair</c>, which takes at least 0.001. Default 0.</summary>
    [Range(0.0, 0.5, MaximumIsExclusive = true)]
    public float LabelSmoothing { get; init; }

    /// <summary>True takes the reference for uniform: log-probabilities stand for log-ratios. Default false.</summary>
    public bool ReferenceFree { get; init; }

    /// <summary>The divergence that holds the policy. Default <see cref="PairDivergence.ReverseKl"/>.</summary>
    [JsonPropertyName("f_divergence_type")]
    public PairDivergence Divergence { get; init; } = PairDivergence.ReverseKl;

    /// <summary>α of the alpha divergence; > 0. Default 1.</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public float AlphaDivergenceCoef { get; init; } = 1;

    /// <summary>What tokens beyond the shorter answer's length count; in [0, 1]. Default 1: as much as the others. Liu et al. 2024, LD-DPO, arXiv:2409.06411.</summary>
    [Range(0.0, 1.0)]
    public float LdAlpha { get; init; } = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool UsesReference => !ReferenceFree;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        Tensor tokens = ReferenceFree ? tokenLogProbs : tokenLogProbs - batch.ReferenceTokenLogProbs;         // [N]  ln ρ_t
        if (LdAlpha < 1) tokens *= Tensor.Vector(LengthWeights(batch));
        Tensor logRatios = batch.SumByCompletion(tokens), scores = Score(logRatios);                          // [B]
        if (LossType is DpoLoss.Ipo or DpoLoss.SigmoidNorm) scores = batch.PerToken(scores);
        Tensor c = batch.First(logRatios), r = batch.Last(logRatios);                                         // [G]
        Tensor m = batch.First(scores) - batch.Last(scores), h = m * Beta;                                    // [G]
        return LossType switch
        {
            DpoLoss.Sigmoid => Logistic(h, LabelSmoothing),
            DpoLoss.Hinge => (1 - h).Maximum(0),
            DpoLoss.Ipo => Square(m - 1 / (2 * Beta)),
            DpoLoss.SigmoidNorm => -h.LogSigmoid(),
            DpoLoss.Robust => (h.LogSigmoid() * (LabelSmoothing - 1) + (-h).LogSigmoid() * LabelSmoothing) * (1 / (1 - 2 * LabelSmoothing)),
            DpoLoss.ExoPair => Exo(h, MathF.Max(LabelSmoothing, LeastSmoothing)),
            DpoLoss.NcaPair => -(c * Beta).LogSigmoid() - ((c * -Beta).LogSigmoid() + (r * -Beta).LogSigmoid()) * 0.5f,
            DpoLoss.BcoPair => -(c * Beta).LogSigmoid() - (r * -Beta).LogSigmoid(),
            DpoLoss.SppoHard => Square(c - 0.5f / Beta) + Square(r + 0.5f / Beta),
            DpoLoss.ApoZero => 1 - (c * Beta).Sigmoid() + (r * Beta).Sigmoid(),
            DpoLoss.ApoDown => (c * Beta).Sigmoid() + 1 - ((c - r) * Beta).Sigmoid(),
            DpoLoss.Discopop => Discovered(h),
            _ => throw new InvalidOperationException($"The loss {LossType} is unknown."),
        };
    }

    /// <inheritdoc/>
    protected override double ImplicitReward(double logProb, double logRatio, int tokens) => Beta * (ReferenceFree ? logProb : logRatio);

    // 0 at the reference, as the log-ratio is: scores may be divided by lengths.
    private Tensor Score(Tensor logRatios) => Divergence switch
    {
        PairDivergence.ReverseKl => logRatios,
        PairDivergence.ForwardKl => 1 - (-logRatios).Exp(),
        PairDivergence.JensenShannon => logRatios.LogSigmoid() + MathF.Log(2),
        _ => (1 - (logRatios * -AlphaDivergenceCoef).Exp()) * (1 / AlphaDivergenceCoef),
    };

    private static Tensor Exo(Tensor h, float smoothing) =>
        h.Sigmoid() * (h.LogSigmoid() - MathF.Log(1 - smoothing)) + (-h).Sigmoid() * ((-h).LogSigmoid() - MathF.Log(smoothing));

    private static Tensor Discovered(Tensor h)
    {
        Tensor s = (h * (1 / Temperature)).Sigmoid();
        return (1 - s) * -h.LogSigmoid() + s * (-h).Exp();
    }

    private static Tensor Square(Tensor x) => x * x;

    // 1 up to the shorter answer's length, α beyond.
    private float[] LengthWeights(CompletionBatch batch)
    {
        float[] weights = new float[batch.Offsets[^1]];
        for (int g = 0; g < batch.Groups; g++)
        {
            (int first, int end) = (batch.GroupOffsets[g], batch.GroupOffsets[g + 1]);
            int shortest = int.MaxValue;
            for (int b = first; b < end; b++) shortest = Math.Min(shortest, batch.Offsets[b + 1] - batch.Offsets[b]);
            for (int b = first; b < end; b++)
                for (int t = batch.Offsets[b]; t < batch.Offsets[b + 1]; t++) weights[t] = t - batch.Offsets[b] < shortest ? 1 : LdAlpha;
        }
        return weights;
    }
}
