using System.ComponentModel.DataAnnotations;

namespace Leftover.Advantages;

/// <summary>How V(x), what the reference policy is expected to earn on a prompt, is estimated. The defaults are the <c>corrected</c> preset.</summary>
public sealed record ValueOptions
{
    /// <summary>What stands for V. Default head.</summary>
    public ValueKind Kind { get; init; } = ValueKind.Head;

    /// <summary>What the head learns from. Default auto: decodes where there are any, otherwise the logged rewards.</summary>
    public ValueTargetKind Targets { get; init; } = ValueTargetKind.Auto;

    /// <summary>V of every prompt where <see cref="Kind"/> is constant; reward units. Default: the mean reward of the reference's own answers, or of the logged ones.</summary>
    public double? Constant { get; init; }

    /// <summary>Prompts that the reference policy answers, at most; ≥ 1. Default: all validation prompts.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxPrompts { get; init; }

    /// <summary>Answers of the reference policy a prompt, whose mean reward is the target; ≥ 1. More than 1 samples them. Default 1.</summary>
    [Range(1, 1024)]
    public int RepliesPerPrompt { get; init; } = 1;

    /// <summary>The head's upper bound, its lower being 0; reward units, &gt; 0. Default: both bounds are fitted to the training rewards.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double? MaxValue { get; init; }

    /// <summary>Attention heads of the pooling; ≥ 1. Where they do not divide the model's width, the largest divisor below. Default 8.</summary>
    [Range(1, 1024)]
    public int Heads { get; init; } = 8;

    /// <summary>Dropout of states and pooled vector while the head learns, never when it predicts; in [0, 1). Default 0.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Dropout { get; init; }

    /// <summary>True starts V at the mean of its targets for every prompt; false where random weights put it. Default true.</summary>
    public bool StartAtMean { get; init; } = true;

    /// <summary>AdamW's step size; &gt; 0. Default 0.05 over the model's width: 8.7e-5 at 576 channels, 1.2e-5 at 4096.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double? LearningRate { get; init; }

    /// <summary>AdamW's decay of the head's matrices; ≥ 0. Default 0.</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; }

    /// <summary>Prompts an update; ≥ 1. Default 16.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 16;

    /// <summary>Passes over the prompts, at most; ≥ 1. Default 50.</summary>
    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 50;

    /// <summary>Passes without a better hold-out error after which training ends; 0 never ends it early. Default 5.</summary>
    [Range(0, int.MaxValue)]
    public int Patience { get; init; } = 5;

    /// <summary>Share of prompts that only picks the epoch and tests the head; in [0, 1). 0 picks the epoch by training error. Default 0.2.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double HoldOut { get; init; } = 0.2;

    /// <summary>Parts of the prompts where the head learns from logged rewards: a part is valued by a head trained on the others; ≥ 2. Default 5.</summary>
    [Range(2, 1000)]
    public int Folds { get; init; } = 5;

    /// <summary>True replaces a head that does not beat the constant on prompts it was not trained on by that constant, and says so; false takes it as it is. Default true.</summary>
    public bool RequireBetterThanConstant { get; init; } = true;
}

/// <summary>What stands for V(x).</summary>
public enum ValueKind
{
    /// <summary>The head of the paper: attention pooling over the prompt's states, one linear unit, a bounded sigmoid.</summary>
    Head,

    /// <summary>The mean reward of the reference's own answers to the prompt.</summary>
    DecodesMean,

    /// <summary>The mean reward of the logged answers to the prompt, the row's own included.</summary>
    LoggedMean,

    /// <summary>The mean reward of the other logged answers to the prompt.</summary>
    LeaveOneOut,

    /// <summary>One number for every prompt.</summary>
    Constant,
}

/// <summary>Which rewards the value head learns from.</summary>
public enum ValueTargetKind
{
    /// <summary>Decodes where there are any, otherwise logged.</summary>
    Auto,

    /// <summary>Those of the reference policy's own answers, on prompts set aside for it.</summary>
    Decodes,

    /// <summary>Those of the training rows, cross-fitted: a row's own reward never trains the head that values it.</summary>
    Logged,
}
