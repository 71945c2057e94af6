using System.Text.Json.Serialization;

namespace Leftover.Rewards;

/// <summary>A reward: settings that say how (prompt, completion) pairs are scored. The attributes below are the whole registry.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ColumnReward), "column")]
[JsonDerivedType(typeof(LexiconReward), "lexicon")]
[JsonDerivedType(typeof(LengthReward), "length")]
[JsonDerivedType(typeof(RegexReward), "regex")]
[JsonDerivedType(typeof(DistinctReward), "distinct")]
[JsonDerivedType(typeof(RepetitionReward), "repetition")]
[JsonDerivedType(typeof(ProfanityReward), "profanity")]
[JsonDerivedType(typeof(ReadabilityReward), "readability")]
[JsonDerivedType(typeof(TfidfReward), "tfidf")]
[JsonDerivedType(typeof(ClassifierReward), "classifier")]
[JsonDerivedType(typeof(EmbeddingReward), "embedding")]
public abstract record RewardSource
{
    /// <param name="type">The name in recipes, and the name of the reward where it is given no other.</param>
    protected RewardSource(string type) => Name = type;

    /// <summary>What its column is called in results; unlike every other reward's. Default: its type.</summary>
    public string Name { get; init; }

    /// <summary>The files that scores depend on; a cache of scores is addressed by their contents too.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<string> Files => [];

    /// <summary>Between what values its scores lie.</summary>
    [JsonIgnore]
    public virtual RewardRange Range => RewardRange.Unbounded;

    /// <summary>Columns of a row, besides prompt and completion, that a score depends on: recorded rewards or columns of text.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<string> ReadColumns => [];

    /// <summary>What is wrong with the settings, all of it, each to be read after the reward's name; empty where nothing is.</summary>
    public virtual IReadOnlyList<string> Problems() => [];

    /// <summary>One finite score a row, in their order.</summary>
    /// <param name="rows">What to score; may be empty.</param>
    /// <exception cref="ArgumentException">The settings have problems; all are listed.</exception>
    /// <exception cref="Data.DataException">A file is missing or malformed, or a row cannot be scored.</exception>
    public double[] Score(IReadOnlyList<RewardInput> rows)
    {
        IReadOnlyList<string> problems = Problems();
        if (problems.Count > 0)
            throw new ArgumentException($"The reward '{Name}' has {problems.Count} {(problems.Count == 1 ? "problem" : "problems")}:\n  {string.Join("\n  ", problems)}");

        double[] scores = ScoreRows(rows);
        if (scores.Length != rows.Count) throw new InvalidOperationException($"The reward '{Name}' gave {scores.Length} scores for {rows.Count} rows.");
        int bad = Array.FindIndex(scores, x => !double.IsFinite(x));
        if (bad >= 0) throw new Data.DataException($"The reward '{Name}' is {scores[bad]} for {RowName(rows, bad)}; a reward is a finite number.");
        return scores;
    }

    /// <summary>The scores; the settings have no problems.</summary>
    protected abstract double[] ScoreRows(IReadOnlyList<RewardInput> rows);

    /// <summary>Scores of completions, each on its own.</summary>
    private protected static double[] ScoreEach(IReadOnlyList<RewardInput> rows, Func<string, double> score)
    {
        double[] scores = new double[rows.Count];
        for (int i = 0; i < scores.Length; i++) scores[i] = score(rows[i].Completion);
        return scores;
    }

    /// <summary>A row in a message.</summary>
    private protected static string RowName(IReadOnlyList<RewardInput> rows, int row) =>
        $"row {row} (completion {Text.TextUnits.Excerpt(rows[row].Completion)})";
}
