using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Rewards;
using Leftover.Rewards.Text;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>The recipe's rewards: what each training row earned, how the rewards become one, and how new replies are scored.</summary>
public sealed class RewardStage : IDisposable
{
    private readonly IReadOnlyList<RewardSource> _sources, _heldOut;
    private readonly RewardScoring _scoring;
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _textsOf;
    private readonly HashSet<string> _recorded;          // rewards that depend on what the log recorded, and so score no new text

    private RewardStage(
        IReadOnlyList<RewardSource> sources, IReadOnlyList<RewardSource> heldOut, RewardScoring scoring, IReadOnlyList<Example> examples,
        IReadOnlyDictionary<string, RewardScores> scores, IReadOnlyDictionary<string, double[]> columns, RewardCombiner combiner, RewardDiagnostics diagnostics, string hash)
    {
        (_sources, _heldOut, _scoring, Scores, Columns, Combiner, Diagnostics, Hash) = (sources, heldOut, scoring, scores, columns, combiner, diagnostics, hash);
        _textsOf = TextsByPrompt(examples);
        HashSet<string> logged = [.. examples.SelectMany(example => example.Rewards.Keys)];
        _recorded = [.. sources.Zip(combiner.Rewards).Where(pair => !pair.First.ReadsText || pair.First.ReadColumns.Any(logged.Contains)).Select(pair => pair.Second.Name)];
        Totals = combiner.CombineAll(columns);
        ScoresText = combiner.Rewards.Any(reward => reward.Weight != 0) && !combiner.Rewards.Any(reward => reward.Weight != 0 && _recorded.Contains(reward.Name));
    }

    /// <summary>Each reward of the train set, row by row.</summary>
    public IReadOnlyDictionary<string, double[]> Columns { get; }

    /// <summary>The same, with where each reward's scores came from.</summary>
    public IReadOnlyDictionary<string, RewardScores> Scores { get; }

    /// <summary>All rewards in one, row by row.</summary>
    public double[] Totals { get; }

    /// <summary>How the rewards become one; fitted on the train set.</summary>
    public RewardCombiner Combiner { get; }

    /// <summary>How the train set's rewards are spread, what they go along with, and what is to be minded.</summary>
    public RewardDiagnostics Diagnostics { get; }

    /// <summary>The rewards that no training sees, by name.</summary>
    public IReadOnlyList<string> HoldOut => [.. _heldOut.Select(source => source.Name)];

    /// <summary>A hash of the rewards' settings, files and fitted normalisers.</summary>
    public string Hash { get; }

    /// <summary>True where the combined reward can score new text: no part of it is, or depends on, a reward that the data records.</summary>
    public bool ScoresText { get; }

    /// <summary>The columns of text that a recipe's rewards read.</summary>
    /// <exception cref="DataException">A rubric that names them is missing.</exception>
    public static IReadOnlyList<string> TextsOf(Recipe recipe) => [.. recipe.Rewards.SelectMany(term => term.Reward.Bind<RewardSource>().ReadColumns).Distinct(StringComparer.Ordinal)];

    /// <summary>Scores the train set and fits the combination on it.</summary>
    /// <param name="context">The recipe and where things lie.</param>
    /// <param name="train">The train set.</param>
    /// <param name="others">Rows whose columns of text new replies to their prompts are scored with.</param>
    /// <exception cref="DataException">A reward cannot be computed; costly scores that were are kept.</exception>
    public static RewardStage Fit(RunContext context, IReadOnlyList<Example> train, IReadOnlyList<Example>? others = null)
    {
        IReadOnlyList<RewardTerm> terms = context.Recipe.Rewards;
        List<(RewardSource Source, RewardWeight Weight)> rewards = terms.Count > 0
            ? [.. terms.Where(term => !term.HoldOut).Select(term => Resolve(term))]
            : [.. Recorded(train).Select(name => ((RewardSource)new ColumnReward { Column = name, Name = name }, new RewardWeight(name)))];
        if (rewards.Count == 0)
            throw new DataException("The data records no reward and the recipe names none. Give a 'reward' column, or list rewards in the recipe (`rewards:`).");

        var scoring = new RewardScoring(context.Scoring);
        try
        {
            RewardInput[] inputs = [.. train.Select(InputOf)];
            rewards = [.. rewards.Select(reward => (reward.Source.FittedOn(inputs), reward.Weight))];
            var scores = rewards.ToDictionary(reward => reward.Weight.Name, reward => scoring.Score(reward.Source, inputs), StringComparer.Ordinal);
            var columns = scores.ToDictionary(score => score.Key, score => score.Value.Values, StringComparer.Ordinal);
            foreach ((RewardSource source, RewardWeight weight) in rewards)
                if (source.IsCostly && scores[weight.Name] is { } counts) context.Observer.Say($"{source.Title}: {counts.Scored} rows scored, {counts.Cached} out of the cache{(counts.Failed > 0 ? $", {counts.Failed} without a score" : "")}.");
            RewardCombiner combiner = RewardCombiner.Fit([.. rewards.Select(reward => reward.Weight)], columns, context.Recipe.RewardAggregation);
            RewardDiagnostics diagnostics = Diagnose(rewards, columns, combiner, train);
            foreach (string warning in combiner.Warnings.Concat(diagnostics.Warnings)) context.Observer.Warn(warning);
            RewardSource[] heldOut = [.. terms.Where(term => term.HoldOut).Select(term => Resolve(term).Source.FittedOn(inputs))];
            return new RewardStage(
                [.. rewards.Select(reward => reward.Source)], heldOut, scoring, [.. train, .. others ?? []], scores, columns, combiner, diagnostics, HashOf(rewards, combiner));
        }
        catch
        {
            scoring.Dispose();
            throw;
        }
    }

    /// <summary>Scores new replies; rewards that depend on what the data records have no say in them.</summary>
    /// <param name="replies">Prompt and reply texts.</param>
    /// <param name="withHoldOut">True scores them by the rewards that no training sees too: for the last measurement, and for no choice made on the way.</param>
    /// <returns>For each reply its rewards by name, and the total where <see cref="ScoresText"/>.</returns>
    public IReadOnlyList<IReadOnlyDictionary<string, double>> ScoreReplies(IReadOnlyList<(string Prompt, string Reply)> replies, bool withHoldOut = false)
    {
        var none = new Dictionary<string, double>();
        RewardInput[] inputs = [.. replies.Select(reply => new RewardInput(reply.Prompt, reply.Reply, none) { Texts = _textsOf.GetValueOrDefault(reply.Prompt, Example.NoTexts) })];
        (string Name, double[] Scores)[] scores = [.. _sources.Zip(Combiner.Rewards).Where(pair => !_recorded.Contains(pair.Second.Name)).Select(pair => (pair.Second.Name, _scoring.Score(pair.First, inputs).Values))];
        (string Name, double[] Scores)[] unseen = withHoldOut ? [.. _heldOut.Select(source => (source.Name, _scoring.Score(source, inputs).Values))] : [];
        return
        [
            .. Enumerable.Range(0, inputs.Length).Select(i =>
            {
                var row = scores.ToDictionary(score => score.Name, score => score.Scores[i], StringComparer.Ordinal);
                if (ScoresText) row[ResultsBuilder.Total] = Combine(row);
                foreach ((string name, double[] values) in unseen) row[name] = values[i];
                return (IReadOnlyDictionary<string, double>)row;
            }),
        ];
    }

    /// <summary>The combined reward of logged answers outside the train set.</summary>
    public double[] ScoreLogged(IReadOnlyList<Example> examples)
    {
        RewardInput[] inputs = [.. examples.Select(InputOf)];
        return Combiner.CombineAll(_sources.Zip(Combiner.Rewards).ToDictionary(pair => pair.Second.Name, pair => _scoring.Score(pair.First, inputs).Values, StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose() => _scoring.Dispose();

    private static RewardInput InputOf(Example example) => new(example.PromptText, example.Completion, example.Rewards) { Id = example.Id, Texts = example.Texts };

    private static Dictionary<string, IReadOnlyDictionary<string, string>> TextsByPrompt(IEnumerable<Example> examples)
    {
        Dictionary<string, IReadOnlyDictionary<string, string>> texts = new(StringComparer.Ordinal);
        foreach (Example example in examples)
            if (example.Texts.Count > 0) texts.TryAdd(example.PromptText, example.Texts);
        return texts;
    }

    // Rewards of weight 0 are reported, not combined: a column among them is no obstacle.
    private double Combine(Dictionary<string, double> row)
    {
        foreach (CombinedReward reward in Combiner.Rewards)
            if (reward.Weight == 0) row.TryAdd(reward.Name, 0);
        double total = Combiner.Combine(row);
        foreach (CombinedReward reward in Combiner.Rewards)
            if (_recorded.Contains(reward.Name)) row.Remove(reward.Name);
        return total;
    }

    /// <summary>True where a reward depends on what the data records, which new text has not.</summary>
    internal bool IsRecorded(string name) => _recorded.Contains(name);

    private static (RewardSource Source, RewardWeight Weight) Resolve(RewardTerm term)
    {
        RewardSource source = term.Reward.Bind<RewardSource>();
        string name = term.Name ?? source.Name;
        return (source with { Name = name }, new RewardWeight(name, term.Weight, term.Normalizer) { Lower = term.Lower, Upper = term.Upper });
    }

    private static RewardDiagnostics Diagnose(
        List<(RewardSource Source, RewardWeight Weight)> rewards, Dictionary<string, double[]> columns, RewardCombiner combiner, IReadOnlyList<Example> train)
    {
        List<ScoredColumn> scored = [.. rewards.Select(reward => new ScoredColumn(
            reward.Weight.Name, columns[reward.Weight.Name], reward.Source.Range.Bounded(reward.Weight.Lower, reward.Weight.Upper), reward.Source is LengthReward))];
        if (rewards.Count(reward => reward.Weight.Weight != 0) > 1)
            scored.Add(new ScoredColumn(ResultsBuilder.Total, combiner.CombineAll(columns), RewardRange.Unbounded));
        return RewardDiagnostics.Of(scored, [.. train.Select(example => (double)TextUnits.CountCharacters(example.Completion))]);
    }

    private static IEnumerable<string> Recorded(IReadOnlyList<Example> train) =>
        train.Count == 0 ? [] : train.Select(example => example.Rewards.Keys.AsEnumerable()).Aggregate((common, keys) => common.Intersect(keys, StringComparer.Ordinal)).Order(StringComparer.Ordinal);

    private static string HashOf(List<(RewardSource Source, RewardWeight Weight)> rewards, RewardCombiner combiner) => RunContext.Key(
    [
        .. rewards.Select(reward => (reward.Weight.Name, System.Text.Json.JsonSerializer.Serialize(reward.Source.Identity) + reward.Source.MissingScore + reward.Weight)),
        .. rewards.SelectMany(reward => reward.Source.Files).Distinct(StringComparer.Ordinal).Select(file => ("file " + file, ContentHash.OfFile(file))),
        .. rewards.Where(reward => reward.Source.FitHash.Length > 0).Select(reward => ("fitted " + reward.Weight.Name, reward.Source.FitHash)),
        ("fitted", System.Text.Json.JsonSerializer.Serialize(combiner)),
    ]);
}
