using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>An objective over replies that the policy in training writes itself: each step it answers prompts, the replies are scored, and it learns from them.</summary>
public abstract record OnlineAlgorithm : Algorithm
{
    /// <summary>Replies to each prompt of a step; ≥ 1.</summary>
    [Range(1, 1024)]
    public abstract int NumGenerations { get; init; }

    /// <summary>Passes over a step's replies; ≥ 1.</summary>
    [Range(1, 100)]
    public abstract int NumIterations { get; init; }

    /// <summary>Updates of a pass, each on its part of the replies; ≥ 1. Default 1.</summary>
    [Range(1, 1024)]
    public int NumMiniBatches { get; init; } = 1;

    /// <summary>Divides the logits where replies are drawn; > 0. Default 1: replies as the policy gives them, for which the formulas are written.</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double Temperature { get; init; } = 1;

    /// <summary>Draws among the likeliest tokens that together reach this probability; in (0, 1]. Default 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TopP { get; init; } = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override Credit Credit => Credit.None;

    /// <summary>True where a value head is trained beside the policy, on its hidden states.</summary>
    [JsonIgnore]
    public virtual bool UsesValues => false;

    /// <summary>What the algorithm remembers from step to step before the first, by name; a checkpoint holds it.</summary>
    [JsonIgnore]
    public virtual IReadOnlyDictionary<string, double> InitialMemory { get; } = new Dictionary<string, double>();

    /// <summary>Turns the scores of a step's replies into what its losses read.</summary>
    /// <param name="rollouts">The replies.</param>
    /// <param name="memory">What is remembered from step to step; it is changed.</param>
    public abstract LearningSignal Judge(Rollouts rollouts, IDictionary<string, double> memory);

    /// <summary>min(ratio·A, clip(ratio, 1 − low, 1 + high)·A), negated: what an update may gain is bounded, what it may lose is not.</summary>
    /// <remarks>Schulman et al. 2017, arXiv:1707.06347, eq. 7.</remarks>
    protected static Tensor ClippedSurrogate(Tensor ratio, Tensor advantages, float low, float high) =>
        NegatedMinimum(ratio * advantages, ratio.Clamp(1 - low, 1 + high) * advantages);

    /// <summary>−min(a, b), element by element.</summary>
    private protected static Tensor NegatedMinimum(Tensor a, Tensor b) => (a - b).Maximum(0) - a;
}

/// <summary>A step's replies, prompt by prompt, as they were written and scored; tokens lie end to end.</summary>
public sealed record Rollouts
{
    /// <summary>Reply i is tokens <c>Offsets[i] .. Offsets[i+1]-1</c>; [B+1].</summary>
    public required int[] Offsets { get; init; }

    /// <summary>Replies to each prompt; they are neighbours.</summary>
    public required int Generations { get; init; }

    /// <summary>The combined reward of each reply; [B].</summary>
    public required double[] Scores { get; init; }

    /// <summary>ln π of each token under the policy that wrote it; [N].</summary>
    public required float[] OldLogProbs { get; init; }

    /// <summary>ln π_ref of each token; [N].</summary>
    public required float[] ReferenceLogProbs { get; init; }

    /// <summary>The value before each token; [N]. Empty without a value head.</summary>
    public float[] OldValues { get; init; } = [];

    /// <summary>ln π − ln π_ref of each reply, summed over its tokens (k1 of its KL); [B].</summary>
    public double[] SequenceKl()
    {
        double[] sums = new double[Scores.Length];
        for (int i = 0; i < sums.Length; i++)
            for (int t = Offsets[i]; t < Offsets[i + 1]; t++) sums[i] += (double)OldLogProbs[t] - ReferenceLogProbs[t];
        return sums;
    }
}

/// <summary>What an online objective makes of scores.</summary>
public sealed record LearningSignal
{
    /// <summary>The advantage of each reply; [B]. Where tokens have their own, the mean of theirs.</summary>
    public required double[] Advantages { get; init; }

    /// <summary>Each token's own advantage; [N]. Empty where a reply has one for all its tokens.</summary>
    public double[] TokenAdvantages { get; init; } = [];

    /// <summary>What each token's value is to become; [N]. Empty without a value head.</summary>
    public double[] Returns { get; init; } = [];

    /// <summary>Figures for the metrics, by name.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
}
