using System.Globalization;
using System.Text;
using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>The report's words and tables as Markdown, which reads as plain text too: for a terminal and for <c>report.md</c>.</summary>
public static class MarkdownReport
{
    /// <summary>The verdict and the figures that matter most, for the end of a run in a terminal.</summary>
    public static string Summary(RunResults results) => $"{Verdict.Of(results).Headline}\n\n{Text(ResultTables.Short(results))}";

    /// <summary>One row a policy: its rewards with intervals, KL, length, diversity and the rest of its figures.</summary>
    public static string Table(RunResults results) => Text(ResultTables.Policies(results));

    /// <summary>One row a pair of policies and reward: the difference with its interval, and p.</summary>
    public static string PairedTable(RunResults results) => Text(ResultTables.Pairs(results));

    /// <summary>The whole report without its charts and replies.</summary>
    public static string Text(ReportInput input)
    {
        RunResults results = input.Results;
        Verdict verdict = Verdict.Of(results);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {Escape(results.Name)}\n\n**{Escape(verdict.Headline)}**\n");
        foreach (string detail in verdict.Details) text.Append('\n').Append(Escape(detail)).Append('\n');
        Section(text, "Results", ResultTables.Policies(results));
        if (results.Paired.Count > 0) Section(text, "Pair by pair", ResultTables.Pairs(results));
        Section(text, "Rewards that no training saw", HoldOutChecks.Table(results));
        Section(text, "By a judge", JudgedTable.Of(results));
        Section(text, "Signs of reward hacking", ReplyChecks.Table(input));
        Section(text, "Rewards of the train set", TrainRewardTables.Spread(results));
        Section(text, "What rewards go along with", TrainRewardTables.Correlations(results));
        Section(text, "Importance weights by epoch", DiagnosticsTables.Weights(results));
        IReadOnlyList<AdvantageSet> advantages = AdvantageSet.Read(input);
        Section(text, "What was kept", AdvantageTables.Kept(advantages));
        Section(text, "Kept by source", AdvantageTables.BySource(advantages));
        Section(text, "Kept by reward", DiagnosticsTables.KeptByReward(results));
        List(text, "Notes", ReportNotes.Of(input, MetricSeries.ReadAll(input)));
        List(text, "Data", input.DataSummary);
        List(text, "Versions and hashes", [.. results.Versions.Concat(results.Hashes).Select(pair => $"{pair.Key}: {pair.Value}")]);
        if (input.RecipeYaml.Length > 0) text.Append("\n## Recipe\n\n").Append(Indented(input.RecipeYaml));
        return text.ToString();
    }

    /// <summary>A table in pipes, its columns aligned.</summary>
    internal static string Text(ReportTable table)
    {
        string[][] cells = [[.. table.Columns.Select(column => Escape(column.Title))], .. table.Rows.Select(row => row.Select(cell => Escape(cell.Detail is null ? cell.Text : $"{cell.Text} ({cell.Detail})")).ToArray())];
        int[] widths = [.. Enumerable.Range(0, table.Columns.Count).Select(i => Math.Max(3, cells.Max(row => Width(row[i]))))];
        var text = new StringBuilder();
        for (int r = 0; r < cells.Length; r++)
        {
            text.Append('|');
            for (int i = 0; i < widths.Length; i++)
            {
                string padding = new(' ', widths[i] - Width(cells[r][i]));
                text.Append(' ').Append(table.Columns[i].IsText ? cells[r][i] + padding : padding + cells[r][i]).Append(" |");
            }
            text.Append('\n');
            if (r > 0) continue;
            text.Append('|');
            for (int i = 0; i < widths.Length; i++) text.Append(' ').Append(new string('-', widths[i] - 1)).Append(table.Columns[i].IsText ? '-' : ':').Append(" |");
            text.Append('\n');
        }
        return text.ToString();
    }

    internal static void Section(StringBuilder text, string title, ReportTable? table)
    {
        if (table is null || table.Rows.Count == 0) return;
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{Escape(table.Caption)}\n\n").Append(Text(table));
    }

    internal static void List(StringBuilder text, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
        foreach (string line in lines) text.Append("- ").Append(Escape(line)).Append('\n');
    }

    /// <summary>An indented code block: no fence that the text could close.</summary>
    internal static string Indented(string code) => string.Concat(code.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => line.Length == 0 ? "\n" : $"    {line}\n"));

    /// <summary>A text that stays in its cell and is no markup.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        string line = Html.Clean(text).ReplaceLineEndings(" ");
        for (int i = 0; i < line.Length; i++)
        {
            bool tag = line[i] == '<' && i + 1 < line.Length && (char.IsAsciiLetter(line[i + 1]) || line[i + 1] is '/' or '!' or '?');
            if (tag || line[i] is '|' or '\\' or '`' or '*' or '[') escaped.Append('\\');
            escaped.Append(line[i]);
        }
        return escaped.ToString();
    }

    private static int Width(string text) => new StringInfo(text).LengthInTextElements;
}
