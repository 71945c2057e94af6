using System.Text.Json.Serialization;

namespace Leftover.Rewards.Text;

/// <summary>How BLEU cuts a text into tokens.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BleuTokens>))]
public enum BleuTokens
{
    /// <summary>mteval's rules as sacrebleu has them: punctuation apart from words, but not within numbers.</summary>
    [JsonStringEnumMemberName("13a")] Mteval,

    /// <summary>Pieces between white space.</summary>
    [JsonStringEnumMemberName("none")] WhiteSpace,

    /// <summary>Characters, white space left out.</summary>
    [JsonStringEnumMemberName("char")] Characters,
}

/// <summary>What stands in place of a precision of 0.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BleuSmoothing>))]
public enum BleuSmoothing
{
    /// <summary>Nothing: one order without a match makes the whole 0.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>1/(2·total), 1/(4·total), … for one order without a match after the other.</summary>
    [JsonStringEnumMemberName("exp")] Exponential,

    /// <summary>A small count, <see cref="BleuOptions.SmoothingValue"/>, in place of 0.</summary>
    [JsonStringEnumMemberName("floor")] Floor,

    /// <summary><see cref="BleuOptions.SmoothingValue"/> is added to matches and totals of all orders but the first.</summary>
    [JsonStringEnumMemberName("add-k")] AddK,
}

/// <summary>How BLEU is counted; the defaults are sacrebleu's for a corpus.</summary>
public sealed record BleuOptions
{
    /// <summary>The longest n-grams; ≥ 1. Default 4.</summary>
    public int Order { get; init; } = 4;

    /// <summary>How a text is cut. Default 13a.</summary>
    public BleuTokens Tokens { get; init; } = BleuTokens.Mteval;

    /// <summary>Texts are lower-cased first. Default false.</summary>
    public bool LowerCase { get; init; }

    /// <summary>What becomes of orders without a match. Default exp.</summary>
    public BleuSmoothing Smoothing { get; init; } = BleuSmoothing.Exponential;

    /// <summary>The number that floor and add-k take; > 0. Default 0.1, as sacrebleu's floor; its add-k takes 1.</summary>
    public double SmoothingValue { get; init; } = 0.1;

    /// <summary>Orders that the hypothesis is too short for do not count; meant for single sentences. Default false.</summary>
    public bool EffectiveOrder { get; init; }

    /// <summary>sacrebleu's defaults for a single sentence.</summary>
    public static BleuOptions Sentence { get; } = new() { EffectiveOrder = true };
}
