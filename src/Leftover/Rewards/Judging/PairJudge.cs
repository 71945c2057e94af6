using Leftover.Runs;

namespace Leftover.Rewards.Judging;

/// <summary>Two answers to one prompt.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="A">One answer.</param>
/// <param name="B">The other.</param>
public sealed record JudgedPair(string Prompt, string A, string B)
{
    /// <summary>The pair's name in messages; null for its number.</summary>
    public string? Id { get; init; }

    /// <summary>Columns of text that the rubric may ask for, by name.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();
}

/// <summary>Which of two answers a judge prefers.</summary>
public enum PairWinner
{
    /// <summary>Neither: it said so, preferred the one that stood first or last whichever it was, or both are the same text.</summary>
    Tie,

    /// <summary>A, in either order.</summary>
    A,

    /// <summary>B, in either order.</summary>
    B,

    /// <summary>It gave no verdict, also when asked again.</summary>
    None,
}

/// <summary>A judge's verdict on a pair.</summary>
/// <param name="Winner">The better one.</param>
/// <param name="Agreed">False where the order of the two decided: with the order swapped it said otherwise.</param>
public readonly record struct PairVerdict(PairWinner Winner, bool Agreed);

/// <summary>Asks a judge which of two answers is better: each pair twice, with the order swapped; where the two verdicts differ it is a tie.</summary>
/// <remarks>Answers are cached as those of the reward <c>judge</c> are; so nothing is asked twice, and the budget and limits are its own.</remarks>
public sealed class PairJudge : IDisposable
{
    private const double NoVerdict = 2;

    private readonly RewardContext _context;
    private readonly PairSource _source;
    private readonly RewardScoring _scoring;

    /// <summary>Nothing is asked yet.</summary>
    /// <param name="settings">The judge; its rubric is one for pairs.</param>
    /// <param name="context">Who is told, when to stop, where answers are kept.</param>
    /// <exception cref="Data.DataException">The rubric is missing, or is none for pairs.</exception>
    public PairJudge(JudgeReward settings, RewardContext context)
    {
        _context = context;
        _source = new PairSource(settings, new PairQuestion(settings));
        _scoring = new RewardScoring(context);
    }

    /// <summary>The columns of text that a judge's rubric for pairs asks for.</summary>
    /// <exception cref="Data.DataException">The rubric is missing, or is none for pairs.</exception>
    public static IReadOnlyList<string> ColumnsOf(JudgeReward settings) => new PairQuestion(settings).Columns;

    /// <summary>One verdict a pair, in their order.</summary>
    /// <param name="pairs">What to judge; pairs that are alike, and those that only differ in their order, are asked once.</param>
    /// <exception cref="ArgumentException">The judge's settings have problems; all are listed.</exception>
    /// <exception cref="Data.DataException">The judge cannot be asked, or its budget is used; what it answered is kept.</exception>
    /// <exception cref="OperationCanceledException">The user wants to stop.</exception>
    public IReadOnlyList<PairVerdict> JudgePairs(IReadOnlyList<JudgedPair> pairs)
    {
        int[] unlike = [.. Enumerable.Range(0, pairs.Count).Where(i => pairs[i].A != pairs[i].B)];
        RewardInput[] rows = [.. unlike.SelectMany(i => new[] { Row(pairs[i], i, pairs[i].A, pairs[i].B), Row(pairs[i], i, pairs[i].B, pairs[i].A) })];
        double[] answers = _scoring.Score(_source, rows).Values;

        var verdicts = new PairVerdict[pairs.Count];
        Array.Fill(verdicts, new PairVerdict(PairWinner.Tie, Agreed: true));
        for (int i = 0; i < unlike.Length; i++) verdicts[unlike[i]] = Verdict(answers[2 * i], answers[2 * i + 1]);
        return verdicts;
    }

    /// <inheritdoc/>
    public void Dispose() => _scoring.Dispose();

    // 1 is for the answer that stood first, −1 for the second.
    private static PairVerdict Verdict(double inOrder, double swapped)
    {
        if (inOrder == NoVerdict || swapped == NoVerdict) return new PairVerdict(PairWinner.None, Agreed: false);
        if (inOrder != -swapped) return new PairVerdict(PairWinner.Tie, Agreed: false);
        return new PairVerdict(inOrder > 0 ? PairWinner.A : inOrder < 0 ? PairWinner.B : PairWinner.Tie, Agreed: true);
    }

    private static RewardInput Row(JudgedPair pair, int number, string first, string second) => new(pair.Prompt, first, new Dictionary<string, double>())
    {
        Id = pair.Id ?? number.ToString(),
        Texts = new Dictionary<string, string>(pair.Texts) { [PairQuestion.Other] = second },
    };

    /// <summary>The judge as a source of verdicts, so that they are kept, counted and shown as scores are.</summary>
    private sealed record PairSource : RewardSource
    {
        private readonly JudgeReward _settings;
        private readonly PairQuestion _question;

        public PairSource(JudgeReward settings, PairQuestion question) : base("judge")
        {
            (_settings, _question) = (settings, question);
            Name = settings.Name;
        }

        public override bool IsCostly => true;

        public override double? MissingScore => NoVerdict;

        public override IReadOnlyList<string> Files => _settings.Files;

        protected internal override string Title => $"Judge {Name}, pairs";

        protected internal override string MissingText => "no verdict counts for their pairs";

        public override IReadOnlyList<string> ReadColumns => [PairQuestion.Other, .. _question.Columns];

        protected internal override RewardSource Identity => (JudgeReward)_settings.Identity with { Min = 0, Max = 1 };

        protected internal override string ScoreVersion => "pairs 1";

        public override IReadOnlyList<string> Problems() => _settings.Problems();

        protected internal override RewardScorer Open(RewardContext context) => new JudgeScorer(_settings, Name, _question, context);
    }
}
