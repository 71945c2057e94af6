using System.Globalization;
using System.Text;
using Leftover.Evaluation.Comparison;

namespace Leftover.Reporting.Comparison;

/// <summary>The report of a comparison as Markdown: its words and tables.</summary>
public static class CompareMarkdown
{
    /// <summary>The verdict and the figures that matter most, for the end of a comparison in a terminal.</summary>
    public static string Summary(CompareResults compared) => $"{CompareVerdict.Of(compared).Headline}\n\n{MarkdownReport.Text(ResultTables.Short(compared.Results))}";

    /// <summary>The whole report without its charts and replies.</summary>
    public static string Text(CompareInput input)
    {
        CompareResults compared = input.Compared;
        Verdict verdict = CompareVerdict.Of(compared);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {MarkdownReport.Escape(compared.Results.Name)}\n\n**{MarkdownReport.Escape(verdict.Headline)}**\n");
        foreach (string detail in verdict.Details) text.Append('\n').Append(MarkdownReport.Escape(detail)).Append('\n');
        MarkdownReport.Section(text, "Results", ResultTables.Policies(compared.Results));
        MarkdownReport.Section(text, "Pair by pair", CompareTables.Pairs(compared, compared.Pairs));
        MarkdownReport.Section(text, "By a judge", JudgedTable.Of(compared.Results));
        MarkdownReport.Section(text, "Seeds and cost", CompareTables.Spreads(compared));
        MarkdownReport.Section(text, "A noisy log", compared.Noise.Count == 0 ? null : CompareTables.Noise(compared));
        MarkdownReport.Section(text, "How rewards go together", CompareTables.Correlations(compared));
        MarkdownReport.Section(text, "Rewards that no training saw", HoldOutChecks.Table(compared.Results));
        MarkdownReport.Section(text, "Importance weights by epoch", DiagnosticsTables.Weights(compared.Results));
        MarkdownReport.Section(text, "Signs of reward hacking", ReplyChecks.Table(input.Run));
        MarkdownReport.Section(text, "What was kept of the log", AdvantageTables.Kept(AdvantageSet.Read(input.Run)));
        MarkdownReport.Section(text, "Failed trainings", CompareTables.Failed(compared));
        MarkdownReport.Section(text, "Every training", CompareTables.Cells(compared));
        MarkdownReport.List(text, "Notes", ReportNotes.Of(input.Run, []));
        MarkdownReport.List(text, "Data", input.Run.DataSummary);
        MarkdownReport.List(text, "To make this again", [.. CompareReport.Reproduce(compared).Select(pair => $"{pair.Key}: {pair.Value}")]);
        text.Append("\n## Recipe\n\n").Append(MarkdownReport.Indented(input.Run.RecipeYaml));
        return text.ToString();
    }
}
