using System.Globalization;
using System.Xml.Linq;
using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Reporting.Charts;
using Leftover.Runs;
using Leftover.Tensors.Files;

namespace Leftover.Reporting;

/// <summary>The report for people: one HTML file that needs no other, no network and no script.</summary>
/// <remarks>The same input gives the same bytes.</remarks>
public static class HtmlReport
{
    /// <summary>Writes the page, or leaves an older one as it was.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="input">What it shows.</param>
    /// <exception cref="DataException">A file of metrics or advantages cannot be read.</exception>
    /// <exception cref="IOException">The disk is full, or the file cannot be written or replaced.</exception>
    public static void Write(string path, ReportInput input)
    {
        byte[] bytes = Html.Bytes(Page(input));
        FileReplacement.Write(path, stream => stream.Write(bytes), bytes.Length);
    }

    /// <summary>Writes each chart as an SVG file of its own, for a README or a web page: <c>reward-0.svg</c> (the total, or the first reward), <c>reward-kl.svg</c>, <c>length.svg</c>, …</summary>
    /// <param name="folder">Where to; made if missing.</param>
    /// <param name="input">What they show.</param>
    /// <returns>The files written.</returns>
    /// <exception cref="DataException">A file of metrics or advantages cannot be read.</exception>
    public static IReadOnlyList<string> WriteCharts(string folder, ReportInput input)
    {
        Directory.CreateDirectory(folder);
        List<string> files = [];
        foreach (Chart chart in ReportCharts.OfResults(input).Concat(ReportCharts.OfRewards(input.Results)).Concat(ReportCharts.OfTraining(input.Results, MetricSeries.ReadAll(input))).Concat(ReportCharts.OfAdvantages(AdvantageSet.Read(input))))
        {
            files.Add(Path.Combine(folder, chart.Id + ".svg"));
            AtomicFile.WriteAllText(files[^1], ChartSvg.Document(chart));
        }
        return files;
    }

    /// <summary>The page as an element.</summary>
    internal static XElement Page(ReportInput input)
    {
        RunResults results = input.Results;
        Verdict verdict = Verdict.Of(results);
        IReadOnlyList<AdvantageSet> advantages = AdvantageSet.Read(input);
        IReadOnlyList<MetricSeries> logs = MetricSeries.ReadAll(input);
        string title = results.Name.Length == 0 ? "Leftover report" : results.Name;
        XElement?[] sections =
        [
            HtmlParts.Section("results", "Results", HtmlParts.Table(ResultTables.Policies(results)), HtmlParts.Charts(ReportCharts.OfResults(input))),
            HtmlParts.Section("pairs", "Pair by pair", Pairs(results)),
            HtmlParts.Section("judge", "By a judge", JudgedTable.Of(results) is { } judged ? HtmlParts.Table(judged) : null),
            HtmlParts.Section("notes", "Notes", HtmlParts.List(ReportNotes.Of(input, logs), "notes")),
            HtmlParts.Section("samples", "Replies side by side", SampleTable.Of(input)),
            HtmlParts.Section("checks", "Signs of reward hacking", HtmlParts.Table(HoldOutChecks.Table(results)), HtmlParts.Table(ReplyChecks.Table(input))),
            HtmlParts.Section("rewards", "Rewards of the train set",
                HtmlParts.Table(TrainRewardTables.Spread(results)), HtmlParts.Table(TrainRewardTables.Correlations(results)), HtmlParts.Charts(ReportCharts.OfRewards(results))),
            HtmlParts.Section("training", "Training", HtmlParts.Charts(ReportCharts.OfTraining(results, logs)), HtmlParts.Table(DiagnosticsTables.Weights(results))),
            HtmlParts.Section("log", "What was kept of the log",
                HtmlParts.List(input.DataSummary), HtmlParts.Charts(ReportCharts.OfAdvantages(advantages)), HtmlParts.Table(AdvantageTables.Kept(advantages)),
                HtmlParts.Table(AdvantageTables.BySource(advantages)), HtmlParts.Table(DiagnosticsTables.KeptByReward(results)), advantages.Select(set => HtmlParts.Details($"Rows to look up: {set.Title}", HtmlParts.Table(AdvantageTables.Ends(set)))).ToArray()),
            HtmlParts.Section("recipe", "Recipe", input.RecipeYaml.Length == 0 ? null : HtmlParts.Details("The resolved recipe", Html.Element("pre", input.RecipeYaml))),
            HtmlParts.Section("versions", "Versions and hashes", HtmlParts.Pairs(results.Versions.Concat(results.Hashes))),
        ];
        return HtmlPage.Of(title, About(results), verdict, sections);
    }

    /// <summary>The comparisons by the ranking reward; those by other rewards to be opened, where there are many.</summary>
    private static XElement?[] Pairs(RunResults results)
    {
        ReportTable all = ResultTables.Pairs(results);
        string? ranking = results.Methods.Count == 0 ? null : Verdict.RankingReward(results);
        IReadOnlyList<Cell>[] first = [.. all.Rows.Where(row => row[2].Text == ranking)], others = [.. all.Rows.Where(row => row[2].Text != ranking)];
        if (first.Length == 0 || all.Rows.Count <= 12) return [HtmlParts.Table(all)];
        return [HtmlParts.Table(all with { Rows = first }), HtmlParts.Details($"By the other rewards ({others.Length.ToString(CultureInfo.InvariantCulture)} comparisons)", HtmlParts.Table(all with { Rows = others }))];
    }

    private static string About(RunResults results)
    {
        string version = results.Versions.TryGetValue("leftover", out string? known) ? $"Leftover {known}" : "Leftover";
        return $"{version} · preset {results.Preset} · seed {results.Seed.ToString(CultureInfo.InvariantCulture)}";
    }
}
