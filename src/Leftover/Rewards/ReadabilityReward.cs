using System.Text.Json.Serialization;
using Leftover.Rewards.Text;

namespace Leftover.Rewards;

/// <summary>Which formula a <see cref="ReadabilityReward"/> reads.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReadabilityMeasure>))]
public enum ReadabilityMeasure
{
    /// <summary>Flesch reading ease: higher is easier, about 0 to 100 in prose.</summary>
    [JsonStringEnumMemberName("reading_ease")] ReadingEase,

    /// <summary>Flesch-Kincaid grade: years of school, so higher is harder.</summary>
    [JsonStringEnumMemberName("grade")] Grade,
}

/// <summary>How easy the completion reads: the measure itself, or minus its distance from a target.</summary>
public sealed record ReadabilityReward() : RewardSource("readability")
{
    /// <summary>The formula. Default reading_ease.</summary>
    public ReadabilityMeasure Measure { get; init; } = ReadabilityMeasure.ReadingEase;

    /// <summary>The wanted value of the measure; the score is then −|measure − target|. Default: the score is the measure.</summary>
    public double? Target { get; init; }

    /// <summary>The score of a completion without words. Default 0.</summary>
    public double WithoutWords { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (Target is { } target && !double.IsFinite(target)) problems.Add($"target is {target}; it must be finite.");
        if (!double.IsFinite(WithoutWords)) problems.Add($"without_words is {WithoutWords}; it must be finite.");
        return problems;
    }

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows) => ScoreEach(rows, completion =>
    {
        Readability readability = Readability.Of(completion);
        double? measured = Measure == ReadabilityMeasure.Grade ? readability.FleschKincaidGrade : readability.FleschReadingEase;
        return measured is not { } value ? WithoutWords : Target is { } target ? -Math.Abs(value - target) : value;
    });
}
