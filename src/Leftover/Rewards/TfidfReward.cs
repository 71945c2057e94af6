using System.Text.Json.Serialization;
using Leftover.Data;
using Leftover.Rewards.Text;
using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>Specificity: the mean TF-IDF weight of the completion's words, as METHOD §4.3 defines it; in [0, 0.448).</summary>
/// <remarks>As released it jumps at five known words and falls with 1/√words beyond, so it favours short replies.</remarks>
public sealed record TfidfReward() : RewardSource("tfidf")
{
    /// <summary>The documents that rare words are told by, one a line: replies of the train set, and of no other.</summary>
    [RecipePath]
    public required string File { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Files => [File];

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => new(0, 1 / Math.Sqrt(5));   // equal weights are the largest mean, and five words the best number

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() => string.IsNullOrWhiteSpace(File) ? ["file is empty; it must name a file of documents, one a line."] : [];

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        List<string> documents = LexiconFile.ReadEntries(File, "a list of documents");
        try
        {
            return ScoreEach(rows, new TfidfVectorizer(documents).Reward);
        }
        catch (ArgumentException error)
        {
            throw new DataException($"{File}: {error.Message}", error);
        }
    }
}
