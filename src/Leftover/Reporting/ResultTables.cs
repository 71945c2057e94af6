using Leftover.Evaluation;
using Leftover.Evaluation.Statistics;

namespace Leftover.Reporting;

/// <summary>The tables of a run's results.</summary>
internal static class ResultTables
{
    /// <summary>One row a policy: rewards with intervals, distance from the reference, length, diversity, fit to logged answers, degenerate replies.</summary>
    public static ReportTable Policies(RunResults results)
    {
        string[] rewards = Rewards(results);
        string[] orders = [.. Keys(results, method => method.Distinct)], faults = [.. Keys(results, method => method.Degenerate)];
        Column[] columns =
        [
            new("policy", IsText: true),
            .. rewards.Select(reward => new Column(Title(results, reward), "mean over prompts, and its interval")),
            new("KL (k1)", "nats; mean over replies of ln π(y|x) − ln π_ref(y|x)"),
            new("KL (k2)", "nats; half the squared log-ratios, token by token: biased, with little noise"),
            new("KL (k3)", "nats; the same token by token by an estimator that is never negative"),
            new("length", "tokens a reply, on average"),
            .. orders.Select(n => new Column($"distinct-{n}", $"distinct {n}-grams over all {n}-grams of the replies")),
            new("self-BLEU", "how much each reply says what the others say, in [0, 1]; lower is more varied"),
            new("… by prompt", "the same among the replies to one prompt"),
            new("perplexity", "of the better held-out answers; lower fits them better"),
            new("pairs right", "share of held-out pairs whose better-scored answer is the likelier one"),
            new("… per token", "the same by ln π a token"),
            .. faults.Select(fault => new Column(fault, FaultMeaning(fault))),
            new("step", "the training step whose weights these are"),
        ];
        string samples = results.Methods.Select(method => method.Samples).DefaultIfEmpty(1).Max() is > 1 and var n ? $", {n} replies each" : "";
        if (results.Seeds is { } seeds) samples += $", trained and measured with {seeds.Count} {(seeds.Count == 1 ? "seed" : "seeds")}";
        return new ReportTable(
            $"Each policy on {results.Methods.Select(method => method.Prompts).DefaultIfEmpty(0).Min()} held-out prompts{samples}, with {Figures.Confidence(results.Confidence)} intervals.",
            columns,
            [.. results.Methods.Select(method => Row(method, RewardCells(results, method), orders, faults))]).WithoutEmptyColumns();
    }

    /// <summary>The same in few columns: rewards with intervals, KL, length.</summary>
    public static ReportTable Short(RunResults results)
    {
        string[] rewards = Rewards(results);
        return new ReportTable(
            "", [new("policy", IsText: true), .. rewards.Select(reward => new Column(Title(results, reward))), new("KL"), new("length")],
            [
                .. results.Methods.Select(method => (IReadOnlyList<Cell>)
                    [new(method.Name), .. RewardCells(results, method), Cell.Number(method.KlK3 ?? method.Kl), Cell.Number(method.Length)]),
            ]).WithoutEmptyColumns();
    }

    /// <summary>One row a pair and reward, <c>total</c> first: the difference with its interval, p, and p corrected for the number of comparisons.</summary>
    public static ReportTable Pairs(RunResults results)
    {
        PairedResult[] pairs = [.. results.Paired.OrderBy(pair => pair.Reward == Verdict.Total ? 0 : 1)];
        double[] corrected = Corrected(pairs);
        return new ReportTable(
            $"Each two policies on the same prompts: a's reward minus b's, with its {Figures.Confidence(results.Confidence)} interval. p is two-sided, of a permutation test;"
                + " p (Holm) is corrected for all comparisons by that reward. a wins is the share of replies that earn more than the other's, a tie as half a win.",
            [
                new("a", IsText: true), new("b", IsText: true), new("reward", IsText: true), new("a − b"), new("p"), new("p (Holm)"), new("a wins"), new("ties"),
                new("in words", "by the interval; 'barely' where p alone would not say so", IsText: true),
            ],
            [
                .. pairs.Select((pair, i) =>
                {
                    int decimals = Figures.Decimals(pair.Difference, pair.Low, pair.High);
                    return (IReadOnlyList<Cell>)
                    [
                        new(pair.A), new(pair.B), new(Title(results, pair.Reward)),
                        new(Figures.Signed(pair.Difference, decimals), Figures.Range(pair.Low, pair.High, decimals), pair.Difference),
                        new(Figures.P(pair.P).Replace("= ", ""), Value: pair.P), new(Figures.P(corrected[i]).Replace("= ", ""), Value: corrected[i]),
                        Wins(pair.WinRate), Cell.Percent(pair.WinRate is { } counts ? (double)counts.Ties / (counts.Wins + counts.Ties + counts.Losses) : null),
                        new(pair.Low > 0 ? Better(pair.A, pair.P) : pair.High < 0 ? Better(pair.B, pair.P) : "undecided"),
                    ];
                }),
            ]).WithoutEmptyColumns();

        string Better(string name, double p) => $"{name} is {(p > 1 - results.Confidence ? "barely " : "")}better";
    }

    /// <summary>All rewards that some policy has, <c>total</c> first, those that no training saw last.</summary>
    public static string[] Rewards(RunResults results) =>
        [.. results.Methods.SelectMany(method => method.Rewards.Keys).Distinct().OrderBy(name => name == Verdict.Total ? 0 : IsHeldOut(results, name) ? 2 : 1)];

    /// <summary>True for a reward that no training saw.</summary>
    public static bool IsHeldOut(RunResults results, string reward) => results.HoldOutRewards?.Contains(reward) == true;

    /// <summary>A reward's name, and that no training saw it.</summary>
    public static string Title(RunResults results, string reward) => IsHeldOut(results, reward) ? $"{reward} (held out)" : reward;

    /// <summary>A policy's place in the results, which gives its color; 0, the reference's, for one that is not there.</summary>
    public static int IndexOf(this RunResults results, string name) => Math.Max(0, results.Methods.ToList().FindIndex(method => method.Name == name));

    private static IReadOnlyList<Cell> Row(MethodResult method, IEnumerable<Cell> rewards, string[] orders, string[] faults) =>
    [
        new(method.Name),
        .. rewards,
        Cell.Number(method.Kl), Cell.Number(method.KlK2), Cell.Number(method.KlK3), Cell.Number(method.Length),
        .. orders.Select(n => Cell.Number(Value(method.Distinct, n))), Cell.Number(method.SelfBleu), Cell.Number(method.SelfBleuByPrompt),
        Cell.Number(method.Perplexity), Share(method.PairAccuracy), Share(method.PairAccuracyPerToken),
        .. faults.Select(fault => Cell.Percent(Value(method.Degenerate, fault))),
        Cell.Count(method.Step),
    ];

    /// <summary>A method's rewards; each with as many decimals as the same reward of the other methods.</summary>
    private static IEnumerable<Cell> RewardCells(RunResults results, MethodResult method) => Rewards(results).Select(reward => Cell.Of(
        method.Rewards.TryGetValue(reward, out Estimate estimate) ? estimate : null,
        Figures.Decimals(results.Methods.Where(other => other.Rewards.ContainsKey(reward)).Select(other => other.Rewards[reward]))));

    private static Cell Wins(WinRateResult? wins) => wins is null ? Cell.Empty : Share(new Estimate(wins.Rate, wins.Low, wins.High));

    private static Cell Share(Estimate? share) =>
        share is not { } known || !double.IsFinite(known.Mean) ? Cell.Empty
        : new Cell(Figures.Percent(known.Mean), double.IsFinite(known.Low) && double.IsFinite(known.High) ? $"{Figures.Percent(known.Low)} to {Figures.Percent(known.High)}" : null, known.Mean);

    private static double? Value(IReadOnlyDictionary<string, double>? values, string key) => values is not null && values.TryGetValue(key, out double value) ? value : null;

    private static IEnumerable<string> Keys(RunResults results, Func<MethodResult, IReadOnlyDictionary<string, double>?> of) =>
        results.Methods.SelectMany(method => of(method)?.Keys ?? []).Distinct();

    private static string? FaultMeaning(string fault) => fault switch
    {
        "empty" => "share of replies without text",
        "repeats" => "share of replies that repeat themselves",
        "cut" => "share of replies that the length limit ended",
        _ => "share of replies",
    };

    private static double[] Corrected(IReadOnlyList<PairedResult> pairs)
    {
        double[] corrected = [.. pairs.Select(_ => double.NaN)];
        foreach (IGrouping<string, int> family in Enumerable.Range(0, pairs.Count).Where(i => pairs[i].P is >= 0 and <= 1).GroupBy(i => pairs[i].Reward))
        {
            int[] indices = [.. family];
            double[] adjusted = MultipleComparisons.Adjust(indices.Select(i => pairs[i].P).ToArray(), Correction.Holm);
            for (int k = 0; k < indices.Length; k++) corrected[indices[k]] = adjusted[k];
        }
        return corrected;
    }
}
