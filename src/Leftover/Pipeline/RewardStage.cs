using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Rewards;
using Leftover.Runs;

namespace Leftover.Pipeline;

/// <summary>The recipe's rewards: what each training row earned, how the rewards become one, and how new replies are scored.</summary>
public sealed class RewardStage : IDisposable
{
    private readonly IReadOnlyList<RewardSource> _sources;
    private readonly RewardScoring _scoring;
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _textsOf;

    private RewardStage(
        IReadOnlyList<RewardSource> sources, RewardScoring scoring, Dictionary<string, IReadOnlyDictionary<string, string>> textsOf,
        IReadOnlyDictionary<string, RewardScores> scores, IReadOnlyDictionary<string, double[]> columns, RewardCombiner combiner, string hash)
    {
        (_sources, _scoring, _textsOf, Scores, Columns, Combiner, Hash) = (sources, scoring, textsOf, scores, columns, combiner, hash);
        Totals = combiner.CombineAll(columns);
        ScoresText = combiner.Rewards.Any(reward => reward.Weight != 0) && combiner.Rewards.Where(reward => reward.Weight != 0).All(reward => Source(reward.Name) is not ColumnReward);
    }

    /// <summary>Each reward of the train set, row by row.</summary>
    public IReadOnlyDictionary<string, double[]> Columns { get; }

    /// <summary>The same, with where each reward's scores came from.</summary>
    public IReadOnlyDictionary<string, RewardScores> Scores { get; }

    /// <summary>All rewards in one, row by row.</summary>
    public double[] Totals { get; }

    /// <summary>How the rewards become one; fitted on the train set.</summary>
    public RewardCombiner Combiner { get; }

    /// <summary>A hash of the rewards' settings, files and fitted normalisers.</summary>
    public string Hash { get; }

    /// <summary>True where the combined reward can score new text: no part of it is a column of the data.</summary>
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
            ? [.. terms.Select(term => Resolve(term))]
            : [.. Recorded(train).Select(name => ((RewardSource)new ColumnReward { Column = name, Name = name }, new RewardWeight(name)))];
        if (rewards.Count == 0)
            throw new DataException("The data records no reward and the recipe names none. Give a 'reward' column, or list rewards in the recipe (`rewards:`).");

        var scoring = new RewardScoring(context.Scoring);
        try
        {
            RewardInput[] inputs = [.. train.Select(InputOf)];
            var scores = rewards.ToDictionary(reward => reward.Weight.Name, reward => scoring.Score(reward.Source, inputs), StringComparer.Ordinal);
            var columns = scores.ToDictionary(score => score.Key, score => score.Value.Values, StringComparer.Ordinal);
            foreach ((RewardSource source, RewardWeight weight) in rewards)
                if (source.IsCostly && scores[weight.Name] is { } counts) context.Observer.Say($"{source.Title}: {counts.Scored} rows scored, {counts.Cached} out of the cache{(counts.Failed > 0 ? $", {counts.Failed} without a score" : "")}.");
            RewardCombiner combiner = RewardCombiner.Fit([.. rewards.Select(reward => reward.Weight)], columns, context.Recipe.RewardAggregation);
            foreach (string warning in combiner.Warnings) context.Observer.Warn(warning);
            return new RewardStage([.. rewards.Select(reward => reward.Source)], scoring, TextsByPrompt([.. train, .. others ?? []]), scores, columns, combiner, HashOf(rewards, combiner));
        }
        catch
        {
            scoring.Dispose();
            throw;
        }
    }

    /// <summary>Scores new replies; rewards that are columns of the data have no say in them.</summary>
    /// <param name="replies">Prompt and reply texts.</param>
    /// <returns>For each reply its rewards by name, and the total where <see cref="ScoresText"/>.</returns>
    public IReadOnlyList<IReadOnlyDictionary<string, double>> ScoreReplies(IReadOnlyList<(string Prompt, string Reply)> replies)
    {
        var none = new Dictionary<string, double>();
        RewardInput[] inputs = [.. replies.Select(reply => new RewardInput(reply.Prompt, reply.Reply, none) { Texts = _textsOf.GetValueOrDefault(reply.Prompt, Example.NoTexts) })];
        (string Name, double[] Scores)[] scores = [.. _sources.Zip(Combiner.Rewards).Where(pair => pair.First is not ColumnReward).Select(pair => (pair.Second.Name, _scoring.Score(pair.First, inputs).Values))];
        return
        [
            .. Enumerable.Range(0, inputs.Length).Select(i =>
            {
                var row = scores.ToDictionary(score => score.Name, score => score.Scores[i], StringComparer.Ordinal);
                if (ScoresText) row[ResultsBuilder.Total] = Combine(row);
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
            if (Source(reward.Name) is ColumnReward) row.Remove(reward.Name);
        return total;
    }

    private RewardSource Source(string name) => _sources[Combiner.Rewards.Select((reward, i) => (reward.Name, i)).First(pair => pair.Name == name).i];

    private static (RewardSource Source, RewardWeight Weight) Resolve(RewardTerm term)
    {
        RewardSource source = term.Reward.Bind<RewardSource>();
        string name = term.Name ?? source.Name;
        return (source with { Name = name }, new RewardWeight(name, term.Weight, term.Normalizer));
    }

    private static IEnumerable<string> Recorded(IReadOnlyList<Example> train) =>
        train.Count == 0 ? [] : train.Select(example => example.Rewards.Keys.AsEnumerable()).Aggregate((common, keys) => common.Intersect(keys, StringComparer.Ordinal)).Order(StringComparer.Ordinal);

    private static string HashOf(List<(RewardSource Source, RewardWeight Weight)> rewards, RewardCombiner combiner) => RunContext.Key(
    [
        .. rewards.Select(reward => (reward.Weight.Name, System.Text.Json.JsonSerializer.Serialize(reward.Source.Identity) + reward.Weight)),
        .. rewards.SelectMany(reward => reward.Source.Files).Distinct(StringComparer.Ordinal).Select(file => ("file " + file, ContentHash.OfFile(file))),
        ("fitted", System.Text.Json.JsonSerializer.Serialize(combiner)),
    ]);
}
