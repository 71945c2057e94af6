using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>How the advantages of the log's rows are spread, and which rows were kept.</summary>
internal static class AdvantageChart
{
    public static Chart? Of(AdvantageSet set, int number)
    {
        LoggedAdvantage[] rows = [.. set.Rows.Where(row => double.IsFinite(row.Advantage))];
        if (rows.Length == 0) return null;

        Bins bins = Bins.For([.. rows.Select(row => row.Advantage)], 40);
        int[] kept = bins.Count(rows.Where(row => row.Kept).Select(row => row.Advantage));
        int[] dropped = bins.Count(rows.Where(row => !row.Kept).Select(row => row.Advantage));
        PlotModel plot = Plots.New(legend: true);
        LinearAxis counts = Plots.Numbers(AxisPosition.Left);
        counts.Minimum = 0;
        counts.MinimumPadding = 0;
        plot.Axes.Add(counts);
        LinearAxis advantages = Plots.Numbers(AxisPosition.Bottom, "advantage");
        advantages.MajorGridlineStyle = LineStyle.None;
        plot.Axes.Add(advantages);
        plot.Series.Add(Bars("kept", ChartColors.Kept, bins, _ => 0, bin => kept[bin]));
        plot.Series.Add(Bars("dropped", ChartColors.Dropped, bins, bin => kept[bin], bin => kept[bin] + dropped[bin]));
        if (bins.Start(0) < 0 && bins.Start(bins.Number) > 0)
            plot.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.Vertical, X = 0, Color = ChartColors.Muted, LineStyle = LineStyle.Solid, StrokeThickness = 1 });

        int all = kept.Sum();
        return new Chart(
            $"advantages-{number}", $"Advantages of the log: {set.Title}",
            $"{all} of {rows.Length} rows ({Figures.Percent((double)all / rows.Length)}) are trained on. Right of 0 are the answers that earned more than the reference policy is expected to.{bins.TailNote}",
            plot, 280);
    }

    private static RectangleBarSeries Bars(string title, OxyColor color, Bins bins, Func<int, double> from, Func<int, double> to)
    {
        var bars = new RectangleBarSeries { Title = title, FillColor = color, StrokeColor = ChartColors.Ground, StrokeThickness = 0.5 };
        for (int bin = 0; bin < bins.Number; bin++)
            if (to(bin) > from(bin)) bars.Items.Add(new RectangleBarItem(bins.Start(bin), from(bin), bins.Start(bin + 1), to(bin)));
        return bars;
    }
}
