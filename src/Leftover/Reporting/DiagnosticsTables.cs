using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>The diagnostics of methods in figures.</summary>
internal static class DiagnosticsTables
{
    /// <summary>One row a method and epoch: its importance weights.</summary>
    public static ReportTable Weights(RunResults results) => new(
        "Importance ratios π/π_ref of each epoch, as the algorithm weighs them: of whole answers, or of tokens. "
            + $"Where less than {Figures.Percent(MethodDiagnostics.CollapsedShare)} of the data is left in effect the weights have collapsed; where more than {Figures.Percent(MethodDiagnostics.MostlyClipped)} are clipped they tell little.",
        [
            new("method", IsText: true), new("epoch"), new("last step"), new("mean ratio"), new("data in effect", "effective sample size of the ratios over their number"),
            new("clipped above", "share of ratios above the clip range"), new("clipped below", "share below it"),
        ],
        [
            .. results.Methods.SelectMany(method => (method.Diagnostics?.Epochs ?? []).Select(epoch => (IReadOnlyList<Cell>)
            [
                new(method.Name), Cell.Count(epoch.Epoch), Cell.Count(epoch.LastStep), Cell.Number(epoch.Mean), Cell.Percent(epoch.EffectiveShare), Cell.Percent(epoch.ClippedHigh), Cell.Percent(epoch.ClippedLow),
            ])),
        ]);

    /// <summary>One row a method and reward, of methods that dropped rows: means of the rows kept and dropped.</summary>
    public static ReportTable KeptByReward(RunResults results) => new(
        "Each reward's mean over the rows kept and over those dropped, and their distance in standard deviations (Cohen's d): which reward the choice of rows follows.",
        [new("method", IsText: true), new("reward", IsText: true), new("kept"), new("dropped"), new("distance")],
        [
            .. results.Methods.Where(method => method.Diagnostics is { } known && known.Kept < known.Rows).SelectMany(method => method.Diagnostics!.ByReward.Select(reward => (IReadOnlyList<Cell>)
                [new(method.Name), new(reward.Reward), Cell.Number(reward.MeanKept), Cell.Number(reward.MeanDropped), Cell.Number(reward.EffectSize)])),
        ]);
}
