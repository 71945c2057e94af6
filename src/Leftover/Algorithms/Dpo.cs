using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>DPO: the log-ratio to the reference is an answer's reward, and a better answer's shall be the larger.</summary>
/// <remarks>
/// Loss = −mean over pairs of ln σ(β·[ln π_θ(y_c|x)/π_ref(y_c|x) − ln π_θ(y_r|x)/π_ref(y_r|x)]). Rafailov et al. 2023, arXiv:2305.18290, eq. 7; β = 0.1 is
/// theirs. The other losses are <see cref="DpoLoss"/>'s, and several may be mixed (MPO: Wang et al. 2024, arXiv:2411.10442).
/// </remarks>
public sealed record Dpo : PairAlgorithm
{
    /// <summary>The loss of a pair, or several that are added. Default sigmoid.</summary>
    public IReadOnlyList<DpoLoss> LossType { get; init; } = [DpoLoss.Sigmoid];

    /// <summary>What each loss of <see cref="LossType"/> counts, ≥ 0; null or none counts each once. Default null.</summary>
    public IReadOnlyList<float>? LossWeights { get; init; }

    /// <summary>β, how strongly the reference holds; no unit, > 0. Default 0.1.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float Beta { get; init; } = 0.1f;

    /// <summary>
    /// ε, the probability that a preference is wrong; in [0, 0.5). Read by <c>sigmoid</c>, <c>robust</c>, <c>aot</c>, <c>aot_unpaired</c> and <c>exo_pair</c>, which takes at
    /// least 0.001. Default 0.
    /// </summary>
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

    /// <summary>τ of <c>discopop</c>, how soon its two losses change over; > 0. Default 0.05.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public float DiscopopTau { get; init; } = 0.05f;

    /// <summary>True weighs a pair by how much the policy itself would write its answers (<see cref="PolicyWeights"/>), a constant to the gradient. Default false.</summary>
    public bool UseWeighting { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool UsesReference => !ReferenceFree;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool NeedsWholeStep => LossType.Any(Sorts);

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool ReadsSumOfSquares => UseWeighting;

    /// <inheritdoc/>
    public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
    {
        if (Problems() is [{ } problem, ..]) throw new ArgumentException($"The DPO options do not go together: {problem}");
        if (NeedsWholeStep && Enumerable.Range(0, batch.Groups).Any(g => batch.WeightValues[batch.GroupOffsets[g]] != batch.WeightValues[0])) throw new ArgumentException("aot compares sorted pairs, which have no weight of their own; all weights of a batch must be equal.", nameof(batch));
        var pairs = new PairLosses(this, tokenLogProbs, batch);
        Tensor losses = Weighted(0);
        for (int i = 1; i < LossType.Count; i++) losses += Weighted(i);
        return UseWeighting ? losses * PolicyWeights(tokenLogProbs, batch) : losses;

        Tensor Weighted(int i) => LossWeights is { Count: > 0 } weights ? pairs.Of(LossType[i]) * weights[i] : pairs.Of(LossType[i]);
    }

    /// <summary>WPO: exp of the mean over both answers' tokens, each, of ln π_θ(y_t) − ln Σ_v π_θ(v)²; about 1 where the policy samples such answers itself; [G], a constant.</summary>
    /// <remarks>Zhou et al. 2024, arXiv:2406.11827, §3.2, sampled alignment.</remarks>
    /// <param name="tokenLogProbs">ln π_θ of each completion token, [N].</param>
    /// <param name="batch">The completions, with the sums of squares.</param>
    public static Tensor PolicyWeights(Tensor tokenLogProbs, CompletionBatch batch)
    {
        if (batch.LogSumSquaredProbValues.Length != tokenLogProbs.Length) throw new ArgumentException($"WPO needs ln Σ π² of each of the {tokenLogProbs.Length} tokens; the batch holds {batch.LogSumSquaredProbValues.Length}. Pack it with them, and give them to the model's pass.", nameof(batch));
        Tensor own = batch.MeanByCompletion(tokenLogProbs.Detach() - batch.LogSumSquaredProbs);              // [B]
        return (batch.First(own) + batch.Last(own)).Exp();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (LossType.Count == 0) problems.Add("loss_type is empty; name at least one loss, for example sigmoid.");
        if (LossWeights is { Count: > 0 } weights && weights.Count != LossType.Count) problems.Add($"loss_weights has {weights.Count} numbers for {LossType.Count} losses of loss_type; give each loss its own, in their order.");
        if (LossWeights is { Count: > 0 } numbers && (numbers.Any(weight => !(weight >= 0 && float.IsFinite(weight))) || numbers.All(weight => weight == 0))) problems.Add($"loss_weights are [{string.Join(", ", numbers)}]; each must be at least 0, and one more than 0.");
        if (UseWeighting && NeedsWholeStep) problems.Add("use_weighting weighs each pair, and aot compares the sorted answers of all pairs; leave one of them out.");
        return problems;
    }

    /// <inheritdoc/>
    protected override double ImplicitReward(double logProb, double logRatio, int tokens) => Beta * (ReferenceFree ? logProb : logRatio);

    // 1 up to the shorter answer's length, α beyond.
    /// <inheritdoc/>
    protected internal override float[]? TokenWeights(CompletionBatch batch)
    {
        if (LdAlpha == 1) return null;
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

    private static bool Sorts(DpoLoss loss) => loss is DpoLoss.Aot or DpoLoss.AotUnpaired;
}
