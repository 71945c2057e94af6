using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>What a judge said about the replies of two policies.</summary>
internal static class JudgedTable
{
    /// <summary>One row a pair of policies; null where no judge was asked.</summary>
    public static ReportTable? Of(RunResults results) => results.Judged is not { Count: > 0 } judged ? null : new ReportTable(
        $"A judge read the replies of both policies to each prompt, in both orders. The win rate counts a tie as half a win, with its {Figures.Confidence(results.Confidence)} interval over prompts; at 50 % neither is better.",
        [
            new("a", IsText: true), new("b", IsText: true), new("judge", IsText: true), new("a wins against b"), new("wins"), new("ties"), new("losses"),
            new("by order", "pairs that the judge decided by which reply stood first: counted as ties"), new("without verdict", "pairs that count for neither"),
            new("in words", IsText: true),
        ],
        [.. judged.Select(Row)]);

    private static IReadOnlyList<Cell> Row(JudgedResult result) =>
    [
        new(result.A), new(result.B), new(result.Judge),
        result.WinRate is { } rate ? new Cell(Figures.Percent(rate.Mean), $"{Figures.Percent(rate.Low)} to {Figures.Percent(rate.High)}", rate.Mean) : Cell.Empty,
        Cell.Count(result.Wins), Cell.Count(result.Ties), Cell.Count(result.Losses), Cell.Count(result.ByOrder), Cell.Count(result.Without),
        new(result.WinRate is { Low: > 0.5 } ? $"{result.A} is better" : result.WinRate is { High: < 0.5 } ? $"{result.B} is better" : "undecided"),
    ];
}
