using System.Text.Json.Serialization;
using Leftover.Rewards.Text;
using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>What hits of a <see cref="ProfanityReward"/> cost.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProfanityScore>))]
public enum ProfanityScore
{
    /// <summary>1 without a hit, 0 with one or more.</summary>
    [JsonStringEnumMemberName("clean")] Clean,

    /// <summary>Minus the number of hits.</summary>
    [JsonStringEnumMemberName("count")] Count,

    /// <summary>Minus hits a word; 0 for a completion without words.</summary>
    [JsonStringEnumMemberName("rate")] Rate,
}

/// <summary>Whether words of a list occur in the completion.</summary>
public sealed record ProfanityReward() : RewardSource("profanity")
{
    /// <summary>The list: one word or phrase a line.</summary>
    [RecipePath]
    public required string File { get; init; }

    /// <summary>What hits cost. Default clean.</summary>
    public ProfanityScore Scoring { get; init; } = ProfanityScore.Clean;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Files => [File];

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => Scoring == ProfanityScore.Clean ? RewardRange.Unit : new(double.NegativeInfinity, 0);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() => string.IsNullOrWhiteSpace(File) ? ["file is empty; it must name a list of words."] : [];

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        ProfanityList list = ProfanityList.Load(File);
        return ScoreEach(rows, completion => ScoreOf(completion, list.Matches(completion).Count()));
    }

    private double ScoreOf(string completion, int hits) => Scoring switch
    {
        ProfanityScore.Clean => hits == 0 ? 1 : 0,
        ProfanityScore.Count => -hits,
        _ => -hits / Math.Max(1.0, TextUnits.Words(completion).Count),
    };
}
