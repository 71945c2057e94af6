using System.Globalization;
using Leftover.Evaluation.Statistics;

namespace Leftover.Reporting;

/// <summary>What became of the log's rows.</summary>
internal static class AdvantageTables
{
    private const int ShownSources = 20, ShownRows = 8;

    /// <summary>One row a set of methods: how many rows were kept, why the others were dropped, and where the threshold would have to lie to keep more or fewer.</summary>
    public static ReportTable Kept(IReadOnlyList<AdvantageSet> sets)
    {
        string[] reasons = [.. sets.SelectMany(set => set.Rows).Where(row => !row.Kept).Select(row => row.Reason).Distinct().Order(StringComparer.Ordinal)];
        return new ReportTable(
            "How much of the log is trained on. The last columns answer what if: the advantage above which a half, a quarter and a tenth of all rows lie.",
            [
                new("method", IsText: true), new("rows"), new("kept"), new("share kept"), .. reasons.Select(reason => new Column(reason.Length == 0 ? "dropped" : reason)),
                new("advantage in the top 1%", "of the sum of all kept rows' positive advantages, the share that the best 1% of these rows hold"),
                new("best 50% above"), new("best 25% above"), new("best 10% above"),
            ],
            [
                .. sets.Select(set =>
                {
                    double[] advantages = [.. set.Rows.Select(row => row.Advantage)];
                    int kept = set.Rows.Count(row => row.Kept);
                    return (IReadOnlyList<Cell>)
                    [
                        new(set.Title), Cell.Count(set.Rows.Count), Cell.Count(kept), Cell.Percent((double)kept / set.Rows.Count),
                        .. reasons.Select(reason => Cell.Count(set.Rows.Count(row => !row.Kept && row.Reason == reason))),
                        Cell.Percent(TopShare(set)),
                        .. new[] { 0.5, 0.75, 0.9 }.Select(share => Cell.Number(Descriptive.Quantile(advantages, share))),
                    ];
                }),
            ]);
    }

    /// <summary>One row a source and set of methods, the largest sources first; no rows where no row names a source.</summary>
    public static ReportTable BySource(IReadOnlyList<AdvantageSet> sets)
    {
        var groups = sets.Where(set => set.Rows.Any(row => !string.IsNullOrEmpty(row.Source)))
            .SelectMany(set => set.Rows.GroupBy(row => row.Source ?? "").OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(ShownSources).Select(group => (set.Title, Source: group)))
            .ToArray();
        return new ReportTable(
            $"The same by where rows come from; the {ShownSources} largest sources.",
            [new("source", IsText: true), new("method", IsText: true), new("rows"), new("kept"), new("share kept"), new("mean reward"), new("mean advantage")],
            [
                .. groups.Select(group => (IReadOnlyList<Cell>)
                [
                    new(group.Source.Key.Length == 0 ? "(none)" : group.Source.Key), new(group.Title), Cell.Count(group.Source.Count()), Cell.Count(group.Source.Count(row => row.Kept)),
                    Cell.Percent((double)group.Source.Count(row => row.Kept) / group.Source.Count()), Cell.Number(group.Source.Average(row => row.Reward)), Cell.Number(group.Source.Average(row => row.Advantage)),
                ]),
            ]);
    }

    /// <summary>The rows at both ends, and those nearest to the border between kept and dropped, so that they can be looked up in the data.</summary>
    public static ReportTable Ends(AdvantageSet set)
    {
        LoggedAdvantage[] sorted = [.. set.Rows.OrderByDescending(row => row.Advantage)];
        double border = sorted.Where(row => row.Kept).Select(row => row.Advantage).DefaultIfEmpty(0).Min();
        List<IReadOnlyList<Cell>> rows = [];
        HashSet<LoggedAdvantage> shown = new(ReferenceEqualityComparer.Instance);
        void Add(string where, IEnumerable<LoggedAdvantage> some)
        {
            foreach (LoggedAdvantage row in some)
            {
                if (!shown.Add(row)) continue;
                rows.Add([new(where), new(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(row.File)}({row.Line})")), Cell.Number(row.Reward), Cell.Number(row.Value), Cell.Number(row.Advantage), new(row.Kept ? "kept" : row.Reason.Length == 0 ? "dropped" : row.Reason)]);
            }
        }
        Add("highest", sorted.Take(ShownRows));
        Add("at the border", sorted.OrderBy(row => Math.Abs(row.Advantage - border)).Take(ShownRows).OrderByDescending(row => row.Advantage));
        Add("lowest", sorted.TakeLast(ShownRows));
        return new ReportTable(
            $"Rows to look up in the data ({set.Title}).",
            [new("where", IsText: true), new("row", IsText: true), new("reward"), new("value"), new("advantage"), new("kept", IsText: true)],
            rows);
    }

    /// <summary>The share of all kept positive advantage that the best 1% of the kept rows hold.</summary>
    private static double? TopShare(AdvantageSet set)
    {
        double[] gains = [.. set.Rows.Where(row => row.Kept && row.Advantage > 0).Select(row => row.Advantage).OrderDescending()];
        return gains.Length < 100 ? null : gains.Take(gains.Length / 100).Sum() / gains.Sum();
    }
}
