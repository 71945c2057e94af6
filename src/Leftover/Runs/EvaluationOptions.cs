using System.ComponentModel.DataAnnotations;
using Leftover.Rewards.Judging;

namespace Leftover.Runs;

/// <summary>What is measured on held-out prompts.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Prompts, at most, the first ones; ≥ 1. Default: all.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxPrompts { get; init; }

    /// <summary>Validation prompts evaluated while training, at most; ≥ 1. Default: all.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxValidationPrompts { get; init; }

    /// <summary>Replies to each held-out prompt; ≥ 1. More than 1 needs a temperature. Default 1.</summary>
    [Range(1, 1024)]
    public int SamplesPerPrompt { get; init; } = 1;

    /// <summary>A judge that compares replies in pairs, each policy's with the reference policy's; it is asked over the network. Default none.</summary>
    public JudgeReward? Judge { get; init; }

    /// <summary>The confidence of intervals; in (0, 1). Default 0.95.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double Confidence { get; init; } = 0.95;
}
