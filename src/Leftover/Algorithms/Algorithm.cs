using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>A training objective over packed completions: the record holds its hyperparameters, its one method is its formula.</summary>
/// <remarks>The attributes below are the whole registry. Nothing outside this folder knows an algorithm's name.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "name")]
[JsonDerivedType(typeof(NegativeLogLikelihood), "nll")]
[JsonDerivedType(typeof(WeightedBehaviorCloning), "wbc")]
[JsonDerivedType(typeof(RewardGold), "r-gold")]
[JsonDerivedType(typeof(RLoL), "r-lol")]
[JsonDerivedType(typeof(ALoL), "a-lol")]
[JsonDerivedType(typeof(ALoLReferenceFree), "a-lol-ref-free")]
[JsonDerivedType(typeof(ALoLSequence), "a-lol-seq")]
[JsonDerivedType(typeof(ALoLKl), "a-lol-kl")]
[JsonDerivedType(typeof(Dpo), "dpo")]
[JsonDerivedType(typeof(Kto), "kto")]
[JsonDerivedType(typeof(Orpo), "orpo")]
[JsonDerivedType(typeof(Cpo), "cpo")]
[JsonDerivedType(typeof(SimPo), "simpo")]
[JsonDerivedType(typeof(Slic), "slic")]
[JsonDerivedType(typeof(Pro), "pro")]
[JsonDerivedType(typeof(Rrhf), "rrhf")]
[JsonDerivedType(typeof(Ppo), "ppo")]
[JsonDerivedType(typeof(Rloo), "rloo")]
[JsonDerivedType(typeof(Grpo), "grpo")]
public abstract record Algorithm
{
    /// <summary>What a row earns its place in training by: it decides the filter and the sampling priority.</summary>
    [JsonIgnore]
    public abstract Credit Credit { get; }

    /// <summary>True where the loss reads ln π_ref.</summary>
    [JsonIgnore]
    public virtual bool UsesReference => false;

    /// <summary>What answers are put together to, where the loss compares them; null where each stands for itself.</summary>
    [JsonIgnore]
    public virtual Grouping? Grouping => null;

    /// <summary>True where a batch's loss is a mean over its tokens; otherwise it is one over completions or groups. It decides a batch's share of its step.</summary>
    [JsonIgnore]
    public virtual bool AveragesTokens => false;

    /// <summary>True where the loss compares all groups of a step with each other: a step must be one batch.</summary>
    [JsonIgnore]
    public virtual bool NeedsWholeStep => false;

    /// <summary>True where the loss reads <see cref="CompletionBatch.LogSumSquaredProbs"/>.</summary>
    [JsonIgnore]
    public virtual bool ReadsSumOfSquares => false;

    /// <summary>True where the loss expects each completion to be followed by a pad token, which counts among its tokens.</summary>
    [JsonIgnore]
    public virtual bool ReadsPads => false;

    /// <summary>The importance weights of the loss; null where it has none.</summary>
    [JsonIgnore]
    public virtual Weighting? Weighting => null;

    /// <summary>What is wrong with settings that each alone may have, each a sentence that begins with a setting's name; empty where nothing is.</summary>
    public virtual IReadOnlyList<string> Problems() => [];

    /// <summary>The loss of each completion, [B], or of each group, [G], with the gradient flowing through <paramref name="tokenLogProbs"/> alone.</summary>
    /// <param name="tokenLogProbs">ln π_θ of each completion token, [N].</param>
    /// <param name="batch">The completions.</param>
    public abstract Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch);

    /// <summary>The batch's loss, one number: the mean over completions of weight times loss.</summary>
    /// <param name="tokenLogProbs">ln π_θ of each completion token, [N].</param>
    /// <param name="batch">The completions.</param>
    public virtual Tensor Loss(Tensor tokenLogProbs, CompletionBatch batch) =>
        (batch.Weights * CompletionLosses(tokenLogProbs, batch)).Mean();

    /// <summary>The batch's loss where a value head is trained beside the policy.</summary>
    /// <param name="tokenLogProbs">ln π_θ of each completion token, [N].</param>
    /// <param name="tokenValues">The value before each completion token, [N]; null without a value head.</param>
    /// <param name="batch">The completions.</param>
    public virtual Tensor Loss(Tensor tokenLogProbs, Tensor? tokenValues, CompletionBatch batch) => Loss(tokenLogProbs, batch);

    /// <summary>Measures what the algorithm's metrics show, before the update.</summary>
    /// <param name="tokenLogProbs">ln π_θ of each completion token, [N].</param>
    /// <param name="tokenValues">The value before each of them, [N]; empty without a value head.</param>
    /// <param name="batch">The completions.</param>
    /// <param name="figures">Where the figures go.</param>
    public virtual void Measure(ReadOnlySpan<float> tokenLogProbs, ReadOnlySpan<float> tokenValues, CompletionBatch batch, FigureMeans figures)
    {
    }
}
