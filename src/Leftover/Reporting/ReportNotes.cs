using System.Globalization;

namespace Leftover.Reporting;

/// <summary>What a reader should know before believing the figures.</summary>
internal static class ReportNotes
{
    private const int FewPrompts = 50;

    /// <summary>The run's own notes first, then what replies, metrics and the number of prompts give away.</summary>
    public static IReadOnlyList<string> Of(ReportInput input, IReadOnlyList<MetricSeries> logs)
    {
        List<string> notes = [.. input.Results.Notes, .. HoldOutChecks.Notes(input.Results), .. ReplyChecks.Notes(input), .. MetricSeries.Notes([.. logs.Where(log => !HasEpochs(log.Method))])];
        if (input.Results.Methods.Count > 0 && input.Results.Methods.Min(method => method.Prompts) is < FewPrompts and var prompts)
            notes.Add($"Only {prompts.ToString(CultureInfo.InvariantCulture)} held-out prompts were answered: intervals from so few are rough.");
        return notes;

        // Whose weights were gathered by epoch, the run's own notes tell of.
        bool HasEpochs(string method) => input.Results.Methods.Any(known => known.Name == method && known.Diagnostics is { Epochs.Count: > 0 });
    }
}
