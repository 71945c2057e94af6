using System.Text.Json.Serialization;
using Leftover.Rewards.Text;

namespace Leftover.Rewards;

/// <summary>What ROUGE finds in common.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RougeVariant>))]
public enum RougeVariant
{
    /// <summary>Words.</summary>
    [JsonStringEnumMemberName("rouge_1")] One,

    /// <summary>Pairs of words.</summary>
    [JsonStringEnumMemberName("rouge_2")] Two,

    /// <summary>The longest common subsequence.</summary>
    [JsonStringEnumMemberName("rouge_l")] Sequence,

    /// <summary>The same line by line.</summary>
    [JsonStringEnumMemberName("rouge_lsum")] Lines,
}

/// <summary>Which of ROUGE's three numbers is the reward.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RougeMeasure>))]
public enum RougeMeasure
{
    /// <summary>The harmonic mean of the other two.</summary>
    [JsonStringEnumMemberName("f1")] F1,

    /// <summary>The share of the completion that stands in the reference.</summary>
    [JsonStringEnumMemberName("precision")] Precision,

    /// <summary>The share of the reference that stands in the completion; it rises with length.</summary>
    [JsonStringEnumMemberName("recall")] Recall,
}

/// <summary>ROUGE of the completion against a reference text, as rouge-score counts it; in [0, 1].</summary>
public sealed record RougeReward() : OverlapReward("rouge")
{
    /// <summary>What is found in common. Default the longest common subsequence.</summary>
    public RougeVariant Variant { get; init; } = RougeVariant.Sequence;

    /// <summary>Which number. Default F1.</summary>
    public RougeMeasure Measure { get; init; } = RougeMeasure.F1;

    /// <summary>Words are stemmed first. Default false.</summary>
    public bool Stem { get; init; }

    /// <inheritdoc/>
    protected override double ScoreOf(string completion, string reference)
    {
        RougeScore score = Variant switch
        {
            RougeVariant.One => Rouge.OfNGrams(completion, reference, 1, Stem),
            RougeVariant.Two => Rouge.OfNGrams(completion, reference, 2, Stem),
            RougeVariant.Lines => Rouge.OfLines(completion, reference, Stem),
            _ => Rouge.OfSequence(completion, reference, Stem),
        };
        return Measure switch
        {
            RougeMeasure.Precision => score.Precision,
            RougeMeasure.Recall => score.Recall,
            _ => score.F1,
        };
    }
}
