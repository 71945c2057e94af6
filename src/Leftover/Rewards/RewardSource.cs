using System.Text.Json.Serialization;
using Leftover.Rewards.Judging;
using Leftover.Rewards.Programs;
using Leftover.Runs;

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
[JsonDerivedType(typeof(BleuReward), "bleu")]
[JsonDerivedType(typeof(ChrfReward), "chrf")]
[JsonDerivedType(typeof(RougeReward), "rouge")]
[JsonDerivedType(typeof(ClassifierReward), "classifier")]
[JsonDerivedType(typeof(EmbeddingReward), "embedding")]
[JsonDerivedType(typeof(ProgramReward), "program")]
[JsonDerivedType(typeof(JudgeReward), "judge")]
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

    /// <summary>True where it can score new text; false where the data itself holds its scores.</summary>
    [JsonIgnore]
    public virtual bool ReadsText => true;

    /// <summary>Columns of a row, besides prompt and completion, that a score depends on: recorded rewards or columns of text.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<string> ReadColumns => [];

    /// <summary>True where a score takes so long, or costs so much, that it is kept on disk and never computed again.</summary>
    /// <remarks>A function of the text alone does not: it scores a row in less time than hashing it and finding it in a file would take.</remarks>
    [JsonIgnore]
    public virtual bool IsCostly => false;

    /// <summary>The score of rows that the source finds none for; null makes such a row an error.</summary>
    [JsonIgnore]
    public virtual double? MissingScore => null;

    /// <summary>What its work is called where progress is shown.</summary>
    protected internal virtual string Title => $"Reward {Name}";

    /// <summary>What becomes of rows without a score of their own, to be read after their number.</summary>
    protected internal virtual string MissingText => $"they score 'missing', {MissingScore}";

    /// <summary>The same source with every setting that no score depends on (limits, time limits, paths whose contents <see cref="Files"/> names) at its default: the address of a cache.</summary>
    protected internal virtual RewardSource Identity => this;

    /// <summary>The version of what computes the scores, for a cache: this library's, where its code computes them.</summary>
    protected internal virtual string ScoreVersion => Versions.Leftover;

    /// <summary>Rows that <see cref="ScoreRows"/> is given at a time where scores are kept.</summary>
    protected internal virtual int BatchRows => 64;

    /// <summary>What is wrong with the settings, all of it, each to be read after the reward's name; empty where nothing is.</summary>
    public virtual IReadOnlyList<string> Problems() => [];

    /// <summary>The source once it has seen the train set; itself where it takes nothing from it.</summary>
    /// <param name="train">The train set's rows.</param>
    /// <exception cref="Data.DataException">The train set has nothing to take.</exception>
    protected internal virtual RewardSource FittedOn(IReadOnlyList<RewardInput> train) => this;

    /// <summary>A hash of what it took from the train set; "" where it took nothing.</summary>
    protected internal virtual string FitHash => "";

    /// <summary>One finite score a row, in their order; nothing is kept and nobody is told of progress.</summary>
    /// <param name="rows">What to score; may be empty.</param>
    /// <exception cref="ArgumentException">The settings have problems; all are listed.</exception>
    /// <exception cref="Data.DataException">A file is missing or malformed, or a row cannot be scored.</exception>
    public double[] Score(IReadOnlyList<RewardInput> rows)
    {
        using RewardScoring scoring = new(new RewardContext());
        return scoring.Score(this, rows).Values;
    }

    /// <summary>Sets the source to work; the caller disposes the result. The settings have no problems.</summary>
    protected internal virtual RewardScorer Open(RewardContext context) =>
        IsCostly ? new FunctionScorer(this, ScoreRows, BatchRows, context.Cancellation) : new FunctionScorer(this, ScoreRows, int.MaxValue, CancellationToken.None);

    /// <summary>The scores of a source that computes in this process and holds nothing between its batches; others override <see cref="Open"/>.</summary>
    protected virtual double[] ScoreRows(IReadOnlyList<RewardInput> rows) =>
        throw new NotSupportedException($"The source {GetType().Name} says neither how rows are scored nor how it is set to work.");

    /// <summary>Scores of completions, each on its own.</summary>
    private protected static double[] ScoreEach(IReadOnlyList<RewardInput> rows, Func<string, double> score)
    {
        double[] scores = new double[rows.Count];
        for (int i = 0; i < scores.Length; i++) scores[i] = score(rows[i].Completion);
        return scores;
    }

    /// <summary>A row in a message.</summary>
    private protected static string RowName(IReadOnlyList<RewardInput> rows, int row) => rows[row].Place(row);
}
