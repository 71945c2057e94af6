using System.Globalization;
using Leftover.Evaluation;
using Spectre.Console;

namespace Leftover.Cli;

/// <summary>Tables and figures as people read them.</summary>
internal static class Tables
{
    private const int ShownRewards = 5;

    /// <summary>A table with these columns.</summary>
    public static Table Of(params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns) table.AddColumn(new TableColumn(Markup.Escape(column)) { NoWrap = true });
        return table;
    }

    /// <summary>A row of plain texts.</summary>
    public static void Row(this Table table, params string[] cells) => table.AddRow([.. cells.Select(cell => new Text(cell))]);

    /// <summary>A number with four significant digits; what rounding left of a zero is one.</summary>
    public static string Number(double? number) => number switch
    {
        null => "",
        { } value when Math.Abs(value) < 1e-12 => "0",
        { } value => value.ToString(Math.Abs(value) is >= 1000 and < 1e15 ? "N0" : "G4", CultureInfo.InvariantCulture),
    };

    /// <summary>A mean with its interval.</summary>
    public static string Interval(Estimate estimate) => string.Create(CultureInfo.InvariantCulture, $"{estimate.Mean:F3} [{estimate.Low:F3}, {estimate.High:F3}]");

    /// <summary>One line of a text, cut to a width.</summary>
    public static string Snippet(string text, int width)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= width ? line : line[..(width - 1)] + "…";
    }

    /// <summary>The end of a text on one line, cut to a width.</summary>
    public static string End(string text, int width)
    {
        string line = Snippet(text, int.MaxValue);
        return line.Length <= width ? line : "…" + line[^(width - 1)..];
    }

    /// <summary>What a run found: a row a policy, then the pairs.</summary>
    public static void Results(Page page, RunResults results)
    {
        string[] known = [.. results.Methods.SelectMany(method => method.Rewards.Keys).Distinct()], heldOut = [.. known.Intersect(results.HoldOutRewards ?? [])];
        string[] rewards = [.. known.Except(heldOut).OrderBy(name => name == ResultsBuilder.Total ? 0 : 1).Take(ShownRewards), .. heldOut];
        Table policies = Of(["policy", .. rewards.Select(name => heldOut.Contains(name) ? $"{name} (held out)" : name), "KL", "length", "prompts"]);
        foreach (MethodResult method in results.Methods)
        {
            policies.Row(
            [
                method.Name, .. rewards.Select((name, i) => !method.Rewards.TryGetValue(name, out Estimate estimate) ? "" : i == 0 ? Interval(estimate) : Number(estimate.Mean)),
                Number(method.Kl), Number(method.Length), Number(method.Prompts),
            ]);
        }
        page.Line($"Held-out prompts: mean rewards with {results.Confidence:P0} intervals");
        page.Table(policies);
        if (results.Methods.Any(method => method.PairAccuracy is not null)) Logged(page, results);

        PairedResult[] pairs = [.. results.Paired.Where(pair => rewards.Length == 0 || pair.Reward == rewards[0])];
        if (pairs.Length > 0)
        {
            Table paired = Of("compared", rewards[0] + ", prompt by prompt", "p");
            foreach (PairedResult pair in pairs) paired.Row($"{pair.A} − {pair.B}", Interval(new Estimate(pair.Difference, pair.Low, pair.High)), Number(pair.P));
            page.Table(paired);
        }
        if (results.Judged is { Count: > 0 } judged)
        {
            Table byJudge = Of("compared by the judge", "win rate", "wins", "ties", "losses");
            foreach (JudgedResult pair in judged) byJudge.Row($"{pair.A} against {pair.B}", pair.WinRate is { } rate ? Interval(rate) : "", Number(pair.Wins), Number(pair.Ties), Number(pair.Losses));
            page.Table(byJudge);
        }
        foreach (string note in results.Notes) page.Line($"note: {note}");
    }

    private static void Logged(Page page, RunResults results)
    {
        Table table = Of("policy", "better answer likelier", "per token", "perplexity");
        foreach (MethodResult method in results.Methods)
            table.Row(method.Name, method.PairAccuracy is { } pairs ? Interval(pairs) : "", method.PairAccuracyPerToken is { } perToken ? Interval(perToken) : "", Number(method.Perplexity));
        page.Line("Held-out answers that are there already");
        page.Table(table);
    }
}
