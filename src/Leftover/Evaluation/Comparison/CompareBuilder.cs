using Leftover.Data;
using Leftover.Evaluation.Statistics;
using Leftover.Tensors;

namespace Leftover.Evaluation.Comparison;

/// <summary>Makes a comparison's figures out of its cells.</summary>
/// <param name="cells">The trainings that came to their end, the reference's measurements among them; policies in the order in which the tables have them.</param>
/// <param name="confidence">Of the intervals, for example 0.95.</param>
/// <param name="seed">Of what bootstraps and tests draw.</param>
/// <param name="holdOut">Rewards that no training saw, which rank nothing; null for none.</param>
public sealed class CompareBuilder(IReadOnlyList<ComparedCell> cells, double confidence, long seed, IReadOnlyCollection<string>? holdOut = null)
{
    private const int AggregateResamples = 2000;

    private readonly IGrouping<string, ComparedCell>[] _policies = [.. cells.Where(cell => cell.Noise == 0).GroupBy(cell => cell.Method)];

    /// <summary>The policies' labels, the reference first.</summary>
    private IReadOnlyList<string> Policies => [.. _policies.Select(policy => policy.Key)];

    /// <summary>The rewards that every reply has, <c>total</c> first.</summary>
    private IReadOnlyList<string> Rewards { get; } =
        [.. cells.Select(cell => cell.Replies[0].Rewards.Keys).Aggregate(Enumerable.Intersect).OrderBy(name => name == ResultsBuilder.Total ? 0 : 1)];

    /// <summary>The reward that ranks: <c>total</c>, else the only one that was trained on; null where there are several and no total.</summary>
    private string? Ranking => Rewards.FirstOrDefault() == ResultsBuilder.Total ? ResultsBuilder.Total
        : Rewards.Where(reward => holdOut?.Contains(reward) != true).ToArray() is [string only] ? only : null;

    /// <summary>All figures.</summary>
    /// <param name="described">What was measured and with what; methods, pairs and seeds are filled in.</param>
    /// <param name="budget">What each training was given to spend, in words.</param>
    /// <param name="subject">The method that is asked about where completions are bad; null for none.</param>
    /// <exception cref="DataException">Two cells did not answer the same prompts.</exception>
    public CompareResults Build(RunResults described, string budget, string? subject)
    {
        CheckPrompts();
        IReadOnlyList<PairSpread> pairs = Pairs();
        (IReadOnlyList<NoiseResult> noise, FallGap? gap) = Noise(subject ?? "");
        return new CompareResults
        {
            Results = described with { Methods = Methods(), Paired = [.. pairs.Select(pair => pair.Paired)], Seeds = [.. cells.Select(cell => cell.Seed).Distinct()] },
            Budget = budget,
            RankingReward = Ranking,
            Spreads = Spreads(),
            Pairs = pairs,
            Cells = Cells(),
            Curves = Curves(),
            Correlations = Correlations(),
            Noise = noise,
            NoiseGap = gap,
        };
    }

    /// <summary>Each policy's replies with all seeds, one after another.</summary>
    public IReadOnlyList<PolicyReplies> Replies() => [.. _policies.Select(Pooled)];

    /// <summary>Refuses cells that did not answer the same prompts.</summary>
    /// <exception cref="DataException">Two did not.</exception>
    private void CheckPrompts()
    {
        string[] prompts = [.. cells[0].Replies.Select(reply => reply.PromptText)];
        foreach (ComparedCell cell in cells)
        {
            if (cell.Replies.Select(reply => reply.PromptText).SequenceEqual(prompts)) continue;
            throw new DataException($"'{cell.Method}' (seed {cell.Seed}) and '{cells[0].Method}' (seed {cells[0].Seed}) did not answer the same prompts, so they cannot be compared: {cell.Replies.Count} replies against {prompts.Length}. Evaluate both on one set; delete the folder `cells` to measure all again.");
        }
    }

    /// <summary>Each policy over its seeds: means with intervals over prompts and seeds, distance, length, diversity.</summary>
    private IReadOnlyList<MethodResult> Methods() =>
    [
        .. _policies.Select(policy => ResultsBuilder.Summarize(Pooled(policy), confidence, seed) with
        {
            Step = null,
            Samples = policy.First().Replies.GroupBy(reply => reply.Prompt).First().Count(),
            Rewards = Rewards.ToDictionary(reward => reward, reward => Mean(ScoreGrid.Of([.. policy], reward).Scores, $"mean {policy.Key} {reward}")),
            Perplexity = policy.All(cell => cell.Perplexity is not null) ? policy.Average(cell => cell.Perplexity) : null,
        }),
    ];

    /// <summary>Every pair by the ranking reward, and by the other rewards every policy against the reference; the later minus the earlier, over the seeds that both have.</summary>
    private IReadOnlyList<PairSpread> Pairs() => [.. Rewards.SelectMany(PairsBy)];

    private PairSpread[] PairsBy(string reward)
    {
        ScoreGrid[] grids = Grids(0, reward);
        (ScoreGrid A, ScoreGrid B)[] pairs = [.. from a in Enumerable.Range(1, grids.Length - 1) from b in Enumerable.Range(0, reward == Ranking ? a : 1) select (grids[a], grids[b])];
        pairs = [.. pairs.Where(pair => pair.A.Seeds.Intersect(pair.B.Seeds).Any())];
        SeededComparison[] compared = [.. pairs.AsParallel().AsOrdered().Select(pair =>
        {
            (double[][] a, double[][] b) = ScoreGrid.Common(pair.A, pair.B);
            return SeededComparison.Compare(a, b, new RandomStream(seed, $"compare {pair.A.Method} {pair.B.Method} {reward}"), confidence);
        })];
        double[] holm = MultipleComparisons.Adjust([.. compared.Select(pair => pair.P)], Correction.Holm);
        return [.. pairs.Zip(compared, holm).Select(pair => new PairSpread(pair.First.A.Method, pair.First.B.Method, reward, pair.Second, pair.Third))];
    }

    /// <summary>Each policy's spread over seeds, and what its trainings cost.</summary>
    private IReadOnlyList<PolicySpread> Spreads() =>
    [
        .. _policies.Select((policy, m) =>
        {
            ScoreGrid? grid = Ranking is null ? null : ScoreGrid.Of([.. policy], Ranking);
            return new PolicySpread(
                policy.Key, policy.Count(), grid is null ? null : Interquartile(grid, m), grid?.Scores.Length > 1 ? Descriptive.StandardDeviation(grid.BySeed()) : null,
                policy.Average(cell => cell.Steps), policy.Average(cell => (double)cell.Tokens), policy.Average(cell => cell.Operations));
        }),
    ];

    /// <summary>Each training's own figures.</summary>
    private IReadOnlyList<CellResult> Cells() =>
    [
        .. cells.Select(cell => new CellResult(
            cell.Method, cell.Seed, cell.Noise, Rewards.ToDictionary(reward => reward, reward => cell.ByPrompt(reward).Average()),
            cell.Replies.Average(reply => reply.LogProb - reply.ReferenceLogProb), cell.Replies.Average(reply => reply.KlK3), cell.Replies.Average(reply => (double)reply.Tokens),
            cell.Steps, cell.Step, cell.Tokens, cell.Operations)),
    ];

    /// <summary>Learning curves over seeds, point by point; a method's shortest curve decides how many there are.</summary>
    private IReadOnlyList<LearningCurve> Curves() =>
    [
        .. _policies.Where(policy => policy.All(cell => cell.Curve.Count > 0)).Select(policy => new LearningCurve(policy.Key,
        [
            .. Enumerable.Range(0, policy.Min(cell => cell.Curve.Count)).Select(i =>
            {
                double[] scores = [.. policy.Select(cell => cell.Curve[i].Score)];
                return new CurveBand(policy.Average(cell => (double)cell.Curve[i].Tokens), scores.Average(), scores.Min(), scores.Max());
            }),
        ])),
    ];

    /// <summary>How each two rewards, and length, go together over all replies.</summary>
    private IReadOnlyList<RewardCorrelation> Correlations()
    {
        ScoredReply[] replies = [.. _policies.SelectMany(policy => policy).SelectMany(cell => cell.Replies)];
        (string Name, double[] Values)[] columns = [.. Rewards.Select(reward => (reward, replies.Select(reply => reply.Rewards[reward]).ToArray())), ("length", replies.Select(reply => (double)reply.Tokens).ToArray())];
        List<RewardCorrelation> correlations = [];
        for (int a = 0; a < columns.Length; a++)
        {
            for (int b = 0; b < a; b++)
            {
                bool known = new[] { a, b }.All(i => columns[i].Values.Distinct().Skip(1).Any()) && replies.Length > 2;
                correlations.Add(new RewardCorrelation(
                    columns[b].Name, columns[a].Name, known ? Correlation.Pearson(columns[b].Values, columns[a].Values).Coefficient : null,
                    known ? Correlation.Spearman(columns[b].Values, columns[a].Values).Coefficient : null));
            }
        }
        return correlations;
    }

    /// <summary>How each policy fares at each share of bad completions, and how far one method's fall is from the least, or from the next.</summary>
    /// <param name="subject">The method that is asked about.</param>
    private (IReadOnlyList<NoiseResult> Results, FallGap? Gap) Noise(string subject)
    {
        double[] levels = [.. cells.Select(cell => cell.Noise).Distinct().Order()];
        if (levels.Length < 2 || Ranking is null) return ([], null);
        Dictionary<string, ScoreGrid>[] grids = [.. levels.Select(level => Grids(level, Ranking).ToDictionary(grid => grid.Method))];
        string[] complete = [.. Policies.Where(policy => grids.All(level => level.ContainsKey(policy) && level[policy].Seeds.Intersect(grids[0][policy].Seeds).Any()))];
        NoiseResult[] results =
        [
            .. from policy in complete
               from i in Enumerable.Range(0, levels.Length)
               select new NoiseResult(
                   policy, levels[i], Mean(grids[i][policy].Scores, FormattableString.Invariant($"noise {levels[i]} {policy}")),
                   Mean(Falls(grids[0][policy], grids[i][policy]), FormattableString.Invariant($"fall {levels[i]} {policy}"))),
        ];
        string[] byFall = [.. results.Where(result => result.Noise == levels[^1] && result.Name != Policies[0]).OrderBy(result => result.Fall.Mean).Select(result => result.Name)];
        if (byFall.Length < 2 || !byFall.Contains(subject)) return (results, null);
        string rival = byFall[0] == subject ? byFall[1] : byFall[0];
        (double[][] falls, double[][] own) = ScoreGrid.Common(Fall(rival), Fall(subject));
        return (results, new FallGap(subject, rival, Mean(Differences(falls, own), "fall gap")));

        ScoreGrid Fall(string policy) => new(policy, [.. grids[0][policy].Seeds.Intersect(grids[^1][policy].Seeds)], Falls(grids[0][policy], grids[^1][policy]));
    }

    private static double[][] Falls(ScoreGrid clean, ScoreGrid noisy)
    {
        (double[][] a, double[][] b) = ScoreGrid.Common(clean, noisy);
        return Differences(a, b);
    }

    private static double[][] Differences(double[][] a, double[][] b) => [.. a.Zip(b, (x, y) => x.Zip(y, (u, v) => u - v).ToArray())];

    private Estimate Mean(double[][] scores, string purpose)
    {
        Interval interval = SeededBootstrap.Of(scores, new RandomStream(seed, $"compare {purpose}")).Percentile(confidence);
        return new Estimate(interval.Estimate, interval.Low, interval.High);
    }

    private ScoreGrid[] Grids(double noise, string reward) =>
        [.. cells.Where(cell => cell.Noise == noise).GroupBy(cell => cell.Method).OrderBy(policy => Policies.ToList().IndexOf(policy.Key)).Select(policy => ScoreGrid.Of([.. policy], reward))];

    private PolicyReplies Pooled(IGrouping<string, ComparedCell> policy) => new() { Name = policy.Key, Seed = policy.First().Seed, Replies = [.. policy.SelectMany(cell => cell.Replies)] };

    private Estimate Interquartile(ScoreGrid grid, int method)
    {
        Interval interval = Aggregates.StratifiedBootstrap(grid.Scores, values => Aggregates.InterquartileMean(values), confidence, new RandomStream(seed, "compare interquartile", method), AggregateResamples);
        return new Estimate(interval.Estimate, interval.Low, interval.High);
    }
}
