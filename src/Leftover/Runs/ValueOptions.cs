using System.ComponentModel.DataAnnotations;

namespace Leftover.Runs;

/// <summary>The value head V(x): what the reference policy's own replies earn.</summary>
public sealed record ValueOptions
{
    /// <summary>What stands for V. Default the head.</summary>
    public ValueKind Kind { get; init; } = ValueKind.Head;

    /// <summary>V of every prompt, where <see cref="Kind"/> is constant; in units of reward. Default: the mean reward of the reference's own replies.</summary>
    public double? Constant { get; init; }

    /// <summary>V's upper bound, in units of reward; > 0. Default: the rewards' own bound.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double? MaxValue { get; init; }

    /// <summary>Attention heads of the pooling; ≥ 1. Default 8.</summary>
    [Range(1, 1024)]
    public int Heads { get; init; } = 8;

    /// <summary>Dropout while the head learns; in [0, 1). Default 0.1.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>True leaves dropout on when the head predicts, as the authors' code does. Default false.</summary>
    public bool DropoutAtPrediction { get; init; }

    /// <summary>True starts V at the mean of its targets, false at half of <see cref="MaxValue"/>. Default true.</summary>
    public bool StartAtMean { get; init; } = true;

    /// <summary>Adam's step size; > 0. Default 1e-4.</summary>
    [Range(0.0, 1e3, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Prompts a batch; ≥ 1. Default 16.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 16;

    /// <summary>Passes over the prompts; ≥ 1. Default 10.</summary>
    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 10;

    /// <summary>The share of prompts that only tests the head, and picks its epoch; in [0, 1). 0 picks by training error. Default 0.2.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double HoldOut { get; init; } = 0.2;

    /// <summary>Prompts used, at most; ≥ 1. Default: all validation prompts.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxPrompts { get; init; }

    /// <summary>Replies of the reference policy a prompt, whose mean reward is the target; ≥ 1. More than 1 samples them. Default 1.</summary>
    [Range(1, 1024)]
    public int RepliesPerPrompt { get; init; } = 1;

    /// <summary>True trains although the head is no better than a constant on its hold-out. Default false.</summary>
    public bool Force { get; init; }
}

/// <summary>What stands for V(x).</summary>
public enum ValueKind
{
    /// <summary>The head of the paper: attention pooling over the prompt's states, one linear unit, a bounded sigmoid.</summary>
    Head,

    /// <summary>One number for every prompt.</summary>
    Constant,

    /// <summary>The reward of the reference's own reply to the same prompt.</summary>
    OwnReply,
}
