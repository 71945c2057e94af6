using System.Text.Json.Serialization;
using Leftover.Rewards.Text;
using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>How a <see cref="LexiconReward"/> reads a text.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LexiconMethod>))]
public enum LexiconMethod
{
    /// <summary>The sum of the entries found, as AFINN's own tool.</summary>
    [JsonStringEnumMemberName("sum")] Sum,

    /// <summary>The mean of the entries found; 0 where there is none.</summary>
    [JsonStringEnumMemberName("mean")] Mean,

    /// <summary>VADER's rules: negation, degree adverbs, capitals, punctuation, emojis.</summary>
    [JsonStringEnumMemberName("vader")] Vader,
}

/// <summary>Which of VADER's four numbers is the reward.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VaderOutput>))]
public enum VaderOutput
{
    /// <summary>The whole, in [−1, 1].</summary>
    [JsonStringEnumMemberName("compound")] Compound,

    /// <summary>The positive share, in [0, 1].</summary>
    [JsonStringEnumMemberName("positive")] Positive,

    /// <summary>The neutral share, in [0, 1].</summary>
    [JsonStringEnumMemberName("neutral")] Neutral,

    /// <summary>The negative share, in [0, 1].</summary>
    [JsonStringEnumMemberName("negative")] Negative,
}

/// <summary>Sentiment out of a file of words and their values.</summary>
public sealed record LexiconReward() : RewardSource("lexicon")
{
    /// <summary>The lexicon: a word or phrase, a tab and a number on each line.</summary>
    [RecipePath]
    public required string File { get; init; }

    /// <summary>How a text is read. Default sum.</summary>
    public LexiconMethod Method { get; init; } = LexiconMethod.Sum;

    /// <summary>For <c>sum</c> and <c>mean</c>: entries that may also stand inside words, in a file of the same form. Default none.</summary>
    [RecipePath]
    public string? Emoticons { get; init; }

    /// <summary>For <c>vader</c>: an emoji, a tab and its description on each line. Default none.</summary>
    [RecipePath]
    public string? Emojis { get; init; }

    /// <summary>For <c>vader</c>: which of its numbers. Default compound.</summary>
    public VaderOutput Output { get; init; } = VaderOutput.Compound;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Files => [File, .. new[] { Emoticons, Emojis }.OfType<string>()];

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => Method != LexiconMethod.Vader ? RewardRange.Unbounded : Output == VaderOutput.Compound ? new(-1, 1) : RewardRange.Unit;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (string.IsNullOrWhiteSpace(File)) problems.Add("file is empty; it must name a lexicon.");
        if (Method == LexiconMethod.Vader && Emoticons is not null) problems.Add("emoticons belong to the methods sum and mean; VADER's lexicon holds its own.");
        if (Method != LexiconMethod.Vader && Emojis is not null) problems.Add("emojis belong to the method vader; use emoticons with sum and mean.");
        if (Method != LexiconMethod.Vader && Output != VaderOutput.Compound) problems.Add($"output {Output.ToString().ToLowerInvariant()} belongs to the method vader.");
        return problems;
    }

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        if (Method == LexiconMethod.Vader)
        {
            VaderSentiment vader = VaderSentiment.Load(File, Emojis);
            return ScoreEach(rows, x => Pick(vader.Score(x)));
        }
        PhraseLexicon lexicon = PhraseLexicon.Load(File, Emoticons);
        return ScoreEach(rows, Method == LexiconMethod.Sum ? lexicon.Sum : lexicon.Mean);
    }

    private double Pick(VaderScores scores) => Output switch
    {
        VaderOutput.Positive => scores.Positive,
        VaderOutput.Neutral => scores.Neutral,
        VaderOutput.Negative => scores.Negative,
        _ => scores.Compound,
    };
}
