using System.ComponentModel.DataAnnotations;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;

namespace Leftover.Runs;

/// <summary>How replies are written.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens of a reply, at most; ≥ 1. Default: <c>truncation.max_completion_tokens</c>.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxNewTokens { get; init; }

    /// <summary>Divides the logits before sampling; 0 takes the likeliest token each time. Default 0.</summary>
    [Range(0.0, 1e3)]
    public double Temperature { get; init; }

    /// <summary>Samples among the likeliest tokens that together reach this probability; in (0, 1]. Default 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TopP { get; init; } = 1;

    /// <summary>Samples among so many likeliest tokens; 0 means all. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int TopK { get; init; }

    /// <summary>Samples among tokens at least this likely against the likeliest; in [0, 1), 0 means all. Default 0.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double MinP { get; init; }

    /// <summary>Beams of a beam search; 1 means none. Default 1.</summary>
    [Range(1, 1024)]
    public int Beams { get; init; } = 1;

    /// <summary>Divides the probability of tokens already used; 1 means not. Default 1.</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Texts at which a reply ends; they are no part of it. Default none but the model's end token.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Replies written at once; ≥ 1. Default 16.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 16;

    /// <summary>How the weights are read while replies are written: <c>fp32</c> as they are, <c>bf16</c> rounded in half the bytes, <c>int8</c> in a quarter. Default bf16.</summary>
    public WeightStorage WeightDtype { get; init; } = WeightStorage.BFloat16;
}
