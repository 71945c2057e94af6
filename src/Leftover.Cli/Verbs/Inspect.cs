using System.CommandLine;
using System.Globalization;
using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Cli.Arguments;
using Leftover.Data;
using Leftover.Pipeline;
using Leftover.Runs;
using Spectre.Console;

namespace Leftover.Cli.Verbs;

/// <summary>Shows the advantages: how they are spread, which rows are kept, which are dropped and why.</summary>
internal static class Inspect
{
    private const int DefaultTop = 5, TextWidth = 48;

    public static Command Create(Host host)
    {
        var verb = new Command("inspect", "Show the advantages: their histogram, rows kept and dropped, the best and the worst");
        var recipe = new RecipeArguments(verb, "output");
        Option<string> sort = new("--sort") { Description = "What the rows shown are sorted by: advantage, reward, value, priority or length", HelpName = "COLUMN", DefaultValueFactory = _ => "advantage" };
        sort.AcceptOnlyFromAmong("advantage", "reward", "value", "priority", "length");
        Option<int?> top = Flag.Whole("top", $"Rows shown at each end; otherwise {DefaultTop}", 0, 10_000);
        Option<string?> label = Flag.Text("label", "NAME", "The method whose rows are shown; otherwise the first of the recipe");
        Option<string?> output = Flag.Text("output", "FILE", "Where the whole table goes, as .jsonl or .csv");
        foreach (Option flag in (Option[])[sort, top, label, output]) verb.Add(flag);
        return host.On(verb, session =>
        {
            ParseResult parse = session.Parse;
            RunPipeline pipeline = RecipeVerb.Open(session, recipe.Load(session));
            string? file = parse.GetValue(output);
            if (file is not null) JsonLines.CheckTarget(file);
            RecipeVerb.ReadData(pipeline);
            (Method method, string name, Algorithm algorithm) = Choose(pipeline, parse.GetValue(label));
            AdvantageTable table = pipeline.Advantages(algorithm, method.Training);
            if (file is not null && file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) table.SaveCsv(file);
            else if (file is not null) table.SaveJsonLines(file);

            Shown[] rows = [.. table.Rows.Select((row, i) => Shown.Of(row, pipeline.Data.Train.Examples[i], pipeline.Train.Rows[i].Completion.Length)).OrderByDescending(Key(parse.GetValue(sort)!))];
            int count = Math.Min(parse.GetValue(top) ?? DefaultTop, (rows.Length + 1) / 2);
            var result = new { method = name, table.Options.Threshold, table.Summary, top = rows[..count], bottom = rows[^Math.Min(count, rows.Length - count)..], output = file };
            session.Show(result, page => Draw(page, name, table, result.top, result.bottom, parse.GetValue(sort)!));
            return 0;
        });
    }

    private static (Method Method, string Label, Algorithm Algorithm) Choose(RunPipeline pipeline, string? label)
    {
        if (label is null) return pipeline.Methods[0];
        int found = Enumerable.Range(0, pipeline.Methods.Count).FirstOrDefault(i => pipeline.Methods[i].Label == label, -1);
        string[] labels = [.. pipeline.Methods.Select(method => method.Label)];
        return found >= 0 ? pipeline.Methods[found] : throw new UsageException($"--label is '{label}'{Spelling.Hint(label, labels)} The recipe's methods: {string.Join(", ", labels)}.");
    }

    private static Func<Shown, double> Key(string sort) => sort switch
    {
        "reward" => row => row.Reward,
        "value" => row => row.Value,
        "priority" => row => row.Priority,
        "length" => row => row.Length,
        _ => row => row.Advantage,
    };

    private static void Draw(Page page, string name, AdvantageTable table, Shown[] top, Shown[] bottom, string sort)
    {
        AdvantageSummary summary = table.Summary;
        page.Line(string.Create(CultureInfo.InvariantCulture, $"{name}: {summary.Kept:N0} of {summary.Rows:N0} rows kept ({(double)summary.Kept / summary.Rows:P1}); {summary.PositiveFraction:P1} have an advantage above 0"));
        foreach ((DropReason reason, int count) in summary.Dropped) page.Line(string.Create(CultureInfo.InvariantCulture, $"  dropped {count:N0}: {reason.Text()}"));

        Table figures = Tables.Of("", "mean", "deviation", "least", "greatest");
        foreach ((string row, Spread spread) in new[] { ("reward", summary.Reward), ("value", summary.Value), ("advantage", summary.Advantage) })
            figures.Row(row, Tables.Number(spread.Mean), Tables.Number(spread.StandardDeviation), Tables.Number(spread.Minimum), Tables.Number(spread.Maximum));
        page.Table(figures);

        page.Line("Advantages, from each line's number on");
        foreach (string line in TextHistogram.Lines(summary.Histogram)) page.Line(line);
        if (summary.BySource.Count > 1) Sources(page, summary);
        Rows(page, $"Highest {sort}", top);
        Rows(page, $"Lowest {sort}", bottom);
    }

    private static void Sources(Page page, AdvantageSummary summary)
    {
        Table sources = Tables.Of("source", "rows", "kept", "advantage above 0", "mean advantage");
        foreach (Advantages.SourceSummary source in summary.BySource)
            sources.Row(source.Source.Length == 0 ? "(none)" : source.Source, Tables.Number(source.Rows), Tables.Number(source.Kept), source.PositiveFraction.ToString("P1", CultureInfo.InvariantCulture), Tables.Number(source.Advantage.Mean));
        page.Table(sources);
    }

    private static void Rows(Page page, string title, Shown[] rows)
    {
        if (rows.Length == 0) return;
        Table table = Tables.Of("row", "reward", "value", "advantage", "kept", "prompt (its end)", "completion");
        foreach (Shown row in rows)
            table.Row(row.Id, Tables.Number(row.Reward), Tables.Number(row.Value), Tables.Number(row.Advantage), row.Kept ? "yes" : "no", Tables.End(row.Prompt, TextWidth / 2), Tables.Snippet(row.Completion, TextWidth));
        page.Line(title);
        page.Table(table);
    }

    /// <summary>A row as it is shown.</summary>
    private sealed record Shown(string Id, string File, int Line, double Reward, double Value, double Advantage, double Priority, bool Kept, string Reason, int Length, string Prompt, string Completion)
    {
        public static Shown Of(AdvantageRow row, Example example, int length) => new(
            row.Scored.Id, row.Scored.File, row.Scored.Line, row.Scored.Reward, row.Value, row.Advantage, row.Priority, row.Kept, row.Reason.Text(), length, example.PromptText, example.Completion);
    }
}
