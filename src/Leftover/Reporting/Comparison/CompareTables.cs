using System.Globalization;
using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Evaluation.Statistics;

namespace Leftover.Reporting.Comparison;

/// <summary>The tables that only a comparison of several trainings has.</summary>
internal static class CompareTables
{
    /// <summary>One row a policy: its interquartile mean, its spread over seeds, what a training cost.</summary>
    public static ReportTable Spreads(CompareResults compared) => new ReportTable(
        $"Each policy over its seeds, by {NameOf(compared.RankingReward)}; budget: {compared.Budget}.",
        [
            new("policy", IsText: true), new("seeds"),
            new("interquartile mean", "of the middle half of all scores, a score a seed and prompt: what outliers do not move; its interval draws the seeds of each prompt anew"),
            new("± over seeds", "standard deviation of the mean reward of a training over seeds"),
            new("steps", "of a training, on average"), new("tokens", "input tokens of a training, on average"), new("10¹² operations", "of a training's matrix products, on average"),
        ],
        [
            .. compared.Spreads.Select(spread => (IReadOnlyList<Cell>)
            [
                new(spread.Name), Cell.Count(spread.Seeds), Cell.Of(spread.InterquartileMean, Figures.Decimals(compared.Spreads.Select(other => other.InterquartileMean).OfType<Estimate>())),
                Cell.Number(spread.SeedDeviation), Whole(spread.Steps), Whole(spread.Tokens), spread.Operations == 0 ? Cell.Empty : Cell.Number(spread.Operations / 1e12),
            ]),
        ]).WithoutEmptyColumns();

    /// <summary>One row a pair: the difference with its interval, p in three ways, effect size, probability of improvement.</summary>
    public static ReportTable Pairs(CompareResults compared, IEnumerable<PairSpread> pairs) => new ReportTable(
        $"Each two policies on the same prompts with the same seeds: a's reward minus b's, with its {Figures.Confidence(compared.Results.Confidence)} interval over prompts and seeds.",
        [
            new("a", IsText: true), new("b", IsText: true), new("reward", IsText: true), new("a − b"),
            new("p", "two-sided, of the bootstrap over prompts and seeds: for other seeds and other prompts"),
            new("p (Holm)", "the same, corrected for all comparisons by that reward"),
            new("p (prompts)", "two-sided, of the sign-flip permutation test over prompts, seeds averaged: for these very policies on other prompts"),
            new("effect", "Cohen's d_z over prompts: the difference in standard deviations of the differences"),
            new("improves", "the probability that a training of a earns more on a prompt than one of b, ties half"),
            new("in words", "by the interval; 'barely' where the corrected p alone would not say so", IsText: true),
        ],
        [
            .. pairs.Select(pair =>
            {
                SeededComparison own = pair.Compared;
                int decimals = Figures.Decimals(own.Difference.Estimate, own.Difference.Low, own.Difference.High);
                return (IReadOnlyList<Cell>)
                [
                    new(pair.A), new(pair.B), new(pair.Reward), new(Figures.Signed(own.Difference.Estimate, decimals), Figures.Range(own.Difference.Low, own.Difference.High, decimals), own.Difference.Estimate),
                    P(own.P), P(pair.HolmP), P(own.PPrompts), Cell.Number(own.EffectSize), Cell.Percent(own.ProbabilityOfImprovement),
                    new(!own.IsDecided ? "undecided" : $"{(own.Difference.Low > 0 ? pair.A : pair.B)} is {(pair.HolmP > 1 - compared.Results.Confidence ? "barely " : "")}better"),
                ];
            }),
        ]);

    /// <summary>One row a training.</summary>
    public static ReportTable Cells(CompareResults compared)
    {
        string[] rewards = [.. compared.Cells.SelectMany(cell => cell.Rewards.Keys).Distinct()];
        return new ReportTable(
            "Each training's own figures on the held-out prompts.",
            [new("policy", IsText: true), new("seed"), new("bad completions"), .. rewards.Select(reward => new Column(reward)), new("KL (k3)"), new("length"), new("steps"), new("step", "whose weights these are"), new("tokens")],
            [
                .. compared.Cells.Select(cell => (IReadOnlyList<Cell>)
                [
                    new(cell.Method), new(cell.Seed.ToString(CultureInfo.InvariantCulture), Value: cell.Seed), cell.Noise == 0 ? Cell.Empty : Cell.Percent(cell.Noise),
                    .. rewards.Select(reward => Cell.Number(cell.Rewards.TryGetValue(reward, out double value) ? value : null)),
                    Cell.Number(cell.KlK3), Cell.Number(cell.Length), Cell.Count(cell.Steps), Cell.Count(cell.Step), Whole(cell.Tokens),
                ]),
            ]).WithoutEmptyColumns();
    }

    /// <summary>One row a policy and share of bad completions; no rows without any.</summary>
    public static ReportTable Noise(CompareResults compared)
    {
        double[] levels = [.. compared.Noise.Select(result => result.Noise).Distinct()];
        int decimals = Figures.Decimals(compared.Noise.Select(result => result.Reward));
        return new ReportTable(
            $"{char.ToUpperInvariant(NameOf(compared.RankingReward)[0])}{NameOf(compared.RankingReward)[1..]} where a share of the log's completions is replaced by bad ones, and the fall from the log as it is on the same prompts.",
            [new("policy", IsText: true), .. levels.Select(level => new Column($"{Figures.Percent(level)} bad")), .. levels.Skip(1).Select(level => new Column($"fall at {Figures.Percent(level)}"))],
            [
                .. compared.Noise.GroupBy(result => result.Name).Select(method => (IReadOnlyList<Cell>)
                    [new(method.Key), .. method.Select(result => Cell.Of(result.Reward, decimals)), .. method.Skip(1).Select(result => Cell.Of(result.Fall, decimals))]),
            ]);
    }

    /// <summary>One row a pair of rewards.</summary>
    public static ReportTable Correlations(CompareResults compared) => new(
        "How each two rewards, and length, go together over all replies of all policies.",
        [new("one", IsText: true), new("other", IsText: true), new("Pearson's r"), new("Spearman's ρ")],
        [.. compared.Correlations.Select(pair => (IReadOnlyList<Cell>)[new(pair.A), new(pair.B), Coefficient(pair.Pearson), Coefficient(pair.Spearman)])]);

    /// <summary>One row a failed training; no rows where none did.</summary>
    public static ReportTable Failed(CompareResults compared) => new ReportTable(
        "Trainings that failed and are in no figure here; the same command tries them again.",
        [new("policy", IsText: true), new("seed"), new("bad completions"), new("what happened", IsText: true)],
        [.. compared.Failed.Select(cell => (IReadOnlyList<Cell>)[new(cell.Method), new(cell.Seed.ToString(CultureInfo.InvariantCulture)), cell.Noise == 0 ? Cell.Empty : Cell.Percent(cell.Noise), new(cell.Error)])]).WithoutEmptyColumns();

    /// <summary>A reward's name in a sentence.</summary>
    public static string NameOf(string? reward) => reward is null ? "no single reward" : reward == Verdict.Total ? "total reward" : reward;

    private static Cell P(double p) => new(Figures.P(p).Replace("= ", ""), Value: p);

    private static Cell Whole(double value) => value == 0 ? Cell.Empty : new(value.ToString("N0", CultureInfo.InvariantCulture), Value: value);

    private static Cell Coefficient(double? r) => r is { } value ? new(Figures.Fixed(value, 2), Value: value) : Cell.Empty;
}
