using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>The train set's rewards in figures.</summary>
internal static class TrainRewardTables
{
    /// <summary>One row a reward: where its scores lie, and what to mind.</summary>
    public static ReportTable Spread(RunResults results) => new ReportTable(
        $"Scores of the train set's rows. A reward is saturated where more than {Figures.Percent(RewardDiagnostics.SaturatedShare)} of the rows lie at one of its ends.",
        [
            new("reward", IsText: true), new("rows"), new("values", "how many different ones"), new("least"), new("5%", "a twentieth of the rows lies below"), new("median"),
            new("95%", "a twentieth lies above"), new("greatest"), new("mean"), new("deviation", "standard deviation"), new("at lower end", "share of rows at the cap, the range's end or the least value"),
            new("at upper end", "the same above"), new("to mind", IsText: true),
        ],
        [
            .. (results.TrainRewards ?? []).Select(reward => (IReadOnlyList<Cell>)
            [
                new(reward.Name), Cell.Count(reward.Rows), Cell.Count(reward.Values), Cell.Number(reward.Spread.Minimum), Cell.Number(reward.Quantiles[0]), Cell.Number(reward.Quantiles[2]),
                Cell.Number(reward.Quantiles[4]), Cell.Number(reward.Spread.Maximum), Cell.Number(reward.Spread.Mean), Cell.Number(reward.Spread.StandardDeviation),
                Cell.Percent(reward.AtLow), Cell.Percent(reward.AtHigh), new(ToMind(reward)),
            ]),
        ]).WithoutEmptyColumns();

    /// <summary>Spearman's ρ of each reward with length and with every other; no rows where nothing varies.</summary>
    public static ReportTable Correlations(RunResults results)
    {
        RewardProfile[] varying = [.. (results.TrainRewards ?? []).Where(reward => !reward.IsConstant && (reward.LengthCorrelation is not null || reward.Correlations.Count > 0))];
        return new ReportTable(
            "Spearman's rank correlation over the train set's rows, in [−1, 1]: with the completion's length in characters, and between rewards.",
            [new("reward", IsText: true), new("length"), .. varying.Select(reward => new Column(reward.Name))],
            [
                .. varying.Select(reward => (IReadOnlyList<Cell>)
                [
                    new(reward.Name), Cell.Number(reward.LengthCorrelation),
                    .. varying.Select(other => other.Name == reward.Name ? Cell.Number(1) : reward.Correlations.TryGetValue(other.Name, out double value) ? Cell.Number(value) : Cell.Empty),
                ]),
            ]);
    }

    private static string ToMind(RewardProfile reward)
    {
        string[] flags = [.. new[] { (reward.IsConstant, "constant"), (reward.IsSaturated, "saturated"), (reward.FollowsLength, "follows length") }.Where(flag => flag.Item1).Select(flag => flag.Item2)];
        return flags.Length == 0 ? Figures.None : string.Join(", ", flags);
    }
}
