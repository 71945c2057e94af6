using System.Globalization;
using System.Xml.Linq;
using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Reporting.Charts;
using Leftover.Runs;
using Leftover.Tensors.Files;

namespace Leftover.Reporting.Comparison;

/// <summary>The report of a comparison for people: one HTML file that needs no other and no network; a small script of its own filters replies.</summary>
/// <remarks>The same cells give the same bytes: no clock is in it. What was measured in seconds stands in a page beside it, <see cref="WriteTimes"/>.</remarks>
public static class CompareReport
{
    private const int MostPairs = 12, ShownPolicies = 4;

    /// <summary>Writes the page, or leaves an older one as it was.</summary>
    /// <exception cref="IOException">The disk is full, or the file cannot be written or replaced.</exception>
    public static void Write(string path, CompareInput input) => Write(path, Page(input));

    /// <summary>Writes the page of measured times.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="compared">The figures.</param>
    /// <param name="seconds">Mean seconds of a whole training by method.</param>
    /// <param name="trainings">Trainings that were measured whole, by method.</param>
    public static void WriteTimes(string path, CompareResults compared, IReadOnlyDictionary<string, double> seconds, IReadOnlyDictionary<string, int> trainings) =>
        Write(path, TimesPage(compared, seconds, trainings));

    /// <summary>The page as an element.</summary>
    internal static XElement Page(CompareInput input)
    {
        CompareResults compared = input.Compared;
        RunResults results = compared.Results;
        ReportInput run = input.Run;
        IReadOnlyList<AdvantageSet> advantages = AdvantageSet.Read(run);
        return HtmlPage.Of(
            results.Name, About(compared), CompareVerdict.Of(compared),
            [
                HtmlParts.Section("results", "Results", HtmlParts.Table(ResultTables.Policies(results)), HtmlParts.Charts(ReportCharts.OfResults(run))),
                HtmlParts.Section("pairs", "Pair by pair", Pairs(compared)),
                HtmlParts.Section("judge", "By a judge", JudgedTable.Of(results) is { } judged ? HtmlParts.Table(judged) : null),
                HtmlParts.Section("cost", "Seeds and cost", HtmlParts.Table(CompareTables.Spreads(compared)), HtmlParts.Charts(CompareCharts.Cost(compared) is { } cost ? [cost] : [])),
                HtmlParts.Section("curves", "Learning curves", Curves(compared)),
                HtmlParts.Section("noise", "A noisy log", CompareVerdict.Noise(compared) is { } noise ? Html.Element("p", noise) : null, HtmlParts.Table(CompareTables.Noise(compared)), HtmlParts.Charts(CompareCharts.Noise(compared))),
                HtmlParts.Section("rewards", "Rewards and length", HtmlParts.Charts(CompareCharts.Correlations(compared) is { } correlations ? [correlations] : []), HtmlParts.Details("All pairs", HtmlParts.Table(CompareTables.Correlations(compared)))),
                HtmlParts.Section("notes", "Notes", HtmlParts.List(ReportNotes.Of(run, []), "notes"), HtmlParts.Table(CompareTables.Failed(compared))),
                HtmlParts.Section("samples", "Replies side by side", Filter(compared), SampleTable.Of(run with { Replies = ComparedCell.OfFirstSeed(input.Cells) })),
                HtmlParts.Section("checks", "Signs of reward hacking", HtmlParts.Table(HoldOutChecks.Table(results)), HtmlParts.Table(ReplyChecks.Table(run))),
                HtmlParts.Section("log", "What was kept of the log", HtmlParts.List(run.DataSummary), HtmlParts.Charts(ReportCharts.OfAdvantages(advantages)), HtmlParts.Table(AdvantageTables.Kept(advantages)), HtmlParts.Table(DiagnosticsTables.KeptByReward(results)), HtmlParts.Table(DiagnosticsTables.Weights(results))),
                HtmlParts.Section("cells", "Every training", HtmlParts.Details($"{compared.Cells.Count} trainings and measurements", HtmlParts.Table(CompareTables.Cells(compared)))),
                HtmlParts.Section("reproduce", "To make this again", HtmlParts.Pairs(Reproduce(compared)), HtmlParts.Details("The resolved recipe", Html.Element("pre", run.RecipeYaml))),
            ],
            PageStyle.FilterScript);
    }

    /// <summary>What a comparison follows from.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Reproduce(CompareResults compared) =>
    [
        KeyValuePair.Create("command", compared.Command), KeyValuePair.Create("seeds", Seeds(compared)), KeyValuePair.Create("budget", compared.Budget),
        .. compared.Results.Versions, .. compared.Results.Hashes,
    ];

    private static string Seeds(CompareResults compared) => string.Join(", ", compared.Results.Seeds!);

    private static object[] About(CompareResults compared)
    {
        string version = compared.Results.Versions.TryGetValue("leftover", out string? known) ? $"Leftover {known}" : "Leftover";
        return [$"{version} · {compared.Results.Methods.Count - 1} methods · seeds {Seeds(compared)} · {compared.Budget} · ", Html.Element("a", Html.Attribute("href", "time.html"), "measured times")];
    }

    private static XElement?[] Pairs(CompareResults compared)
    {
        PairSpread[] ranked = [.. compared.Pairs.Where(pair => pair.Reward == compared.RankingReward)], others = [.. compared.Pairs.Except(ranked)];
        string reference = compared.Results.Methods[0].Name, best = ranked.Length == 0 ? reference : compared.Results.Methods.MaxBy(method => method.Rewards[compared.RankingReward!].Mean)!.Name;
        PairSpread[] first = ranked.Length <= MostPairs ? ranked : [.. ranked.Where(pair => pair.B == reference || pair.A == best || pair.B == best)], rest = [.. ranked.Except(first)];
        return
        [
            HtmlParts.Table(CompareTables.Pairs(compared, first)),
            rest.Length == 0 ? null : HtmlParts.Details($"All other pairs by {CompareTables.NameOf(compared.RankingReward)} ({rest.Length} comparisons)", HtmlParts.Table(CompareTables.Pairs(compared, rest))),
            others.Length == 0 ? null : HtmlParts.Details($"By the other rewards, against {reference} ({others.Length} comparisons)", HtmlParts.Table(CompareTables.Pairs(compared, others))),
        ];
    }

    private static object?[] Curves(CompareResults compared)
    {
        IReadOnlyList<Chart> charts = CompareCharts.Curves(compared);
        if (charts.Count == 0) return [null];
        return [Html.Element("p", "One chart a method, all on one scale: its mean over seeds, a band from the lowest to the highest seed, and in gray the means of the others."), HtmlParts.Charts(charts)];
    }

    // Hidden until the script, without which all replies are shown, has found it.
    private static XElement Filter(CompareResults compared)
    {
        string[] policies = [.. compared.Results.Methods.Select(method => method.Name)];
        string[] rewards = ResultTables.Rewards(compared.Results);
        string[] shown = compared.RankingReward is not { } ranking ? policies
            : [policies[0], .. compared.Results.Methods.Skip(1).OrderByDescending(method => method.Rewards[ranking].Mean).Take(ShownPolicies - 1).Select(method => method.Name)];
        XElement Box(string policy) => Html.Element("label", Html.Element("input", Html.Attribute("type", "checkbox"), Html.Attribute("name", "policy"), Html.Attribute("value", policy), shown.Contains(policy) ? Html.Attribute("checked", "checked") : null), $" {policy}");
        return Html.Element("form", Html.Attribute("id", "filter"), Html.Attribute("hidden", "hidden"), Html.Attribute("aria-label", "Filter replies"), "\n",
            Html.Element("fieldset", Html.Element("legend", "Methods"), policies.Select(policy => new object[] { Box(policy), " " })), "\n",
            Html.Element("label", "Words in prompt or reply ", Html.Element("input", Html.Attribute("type", "search"), Html.Attribute("name", "find"))), "\n",
            Html.Element("label", "Reward ", Html.Element("select", Html.Attribute("name", "reward"), rewards.Select(reward => Html.Element("option", reward)))), "\n",
            Html.Element("label", "at least ", Html.Element("input", Html.Attribute("type", "number"), Html.Attribute("step", "any"), Html.Attribute("name", "least"))), "\n",
            Html.Element("label", "at most ", Html.Element("input", Html.Attribute("type", "number"), Html.Attribute("step", "any"), Html.Attribute("name", "most"))), "\n",
            Html.Element("button", Html.Attribute("type", "reset"), "Show all again"), "\n",
            Html.Element("output", Html.Attribute("aria-live", "polite")));
    }

    private static XElement TimesPage(CompareResults compared, IReadOnlyDictionary<string, double> seconds, IReadOnlyDictionary<string, int> trainings)
    {
        var table = new ReportTable(
            "Mean time of a training as it was measured, generation and validations included. Trainings that one process began and another ended are left out.",
            [new("policy", IsText: true), new("trainings"), new("seconds"), new("tokens a second")],
            [
                .. compared.Spreads.Where(spread => seconds.ContainsKey(spread.Name)).Select(spread => (IReadOnlyList<Cell>)
                    [new(spread.Name), Cell.Count(trainings[spread.Name]), Cell.Number(seconds[spread.Name]), Cell.Number(seconds[spread.Name] > 0 ? spread.Tokens / seconds[spread.Name] : null)]),
            ]);
        var verdict = new Verdict { Kind = VerdictKind.NotRanked, Headline = "What trainings took on this machine. These figures differ from run to run, so they have a page of their own: the report beside it has the same bytes whenever it is made." };
        object about = Html.Element("a", Html.Attribute("href", "compare.html"), "the report");
        return HtmlPage.Of($"{compared.Results.Name}: times", about, verdict, [HtmlParts.Section("times", "Times", HtmlParts.Table(table), HtmlParts.Charts(CompareCharts.Time(compared, seconds) is { } chart ? [chart] : []))]);
    }

    private static void Write(string path, XElement page)
    {
        byte[] bytes = Html.Bytes(page);
        FileReplacement.Write(path, stream => stream.Write(bytes), bytes.Length);
    }
}
