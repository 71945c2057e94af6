using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Rewards.Text;
using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>Specificity: the mean TF-IDF weight of the completion's words, as METHOD §4.3 defines it; in [0, 0.448).</summary>
/// <remarks>
/// As released it jumps at five known words and falls with 1/√words beyond, so it favours short replies. The authors, too, tell rare words by the train set's
/// replies; for Reddit with the end token's text still attached to each, which makes it a word of the vocabulary. Here it is none.
/// </remarks>
public sealed record TfidfReward() : RewardSource("tfidf")
{
    private TfidfVectorizer? _fitted;

    /// <summary>The documents that rare words are told by, one a line: none that is evaluated on. Default: the train set's completions.</summary>
    [RecipePath]
    public string? File { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Files => File is null ? [] : [File];

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => new(0, 1 / Math.Sqrt(5));   // equal weights are the largest mean, and five words the best number

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() => File is not null && string.IsNullOrWhiteSpace(File) ? ["file is empty; it must name a file of documents, one a line, or be left out."] : [];

    /// <inheritdoc/>
    protected internal override RewardSource FittedOn(IReadOnlyList<RewardInput> train) =>
        File is not null ? this : this with { _fitted = Fit([.. train.Select(row => row.Completion)], "The train set's completions") };

    /// <inheritdoc/>
    protected internal override string FitHash => _fitted is null ? "" : ContentHash.OfText(string.Join('\n', _fitted.Idf.Select(word => $"{word.Key} {word.Value:R}")));

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        if (File is null && _fitted is null)
            throw new DataException($"The reward '{Name}' tells rare words by the train set's completions, and there is no train set here. Give it a 'file' of documents, one a line.");
        return ScoreEach(rows, (_fitted ?? Fit(LexiconFile.ReadEntries(File!, "a list of documents"), File!)).Reward);
    }

    private static TfidfVectorizer Fit(IReadOnlyList<string> documents, string place)
    {
        try
        {
            return new TfidfVectorizer(documents);
        }
        catch (ArgumentException error)
        {
            throw new DataException($"{place}: {error.Message}", error);
        }
    }
}
