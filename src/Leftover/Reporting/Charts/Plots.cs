using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace Leftover.Reporting.Charts;

/// <summary>What all plots of a report have in common.</summary>
internal static class Plots
{
    public const double FontSize = 13, SmallFontSize = 12;

    /// <summary>An empty plot in the report's dress.</summary>
    public static PlotModel New(bool legend = false)
    {
        var plot = new PlotModel
        {
            Culture = CultureInfo.InvariantCulture,
            DefaultFontSize = FontSize,
            Background = OxyColors.Undefined,
            TextColor = ChartColors.Muted,
            PlotAreaBorderThickness = new OxyThickness(0),
            PlotAreaBorderColor = OxyColors.Undefined,
            Padding = new OxyThickness(4, 4, 12, 4),
        };
        if (legend)
        {
            plot.Legends.Add(new Legend
            {
                LegendPlacement = LegendPlacement.Outside,
                LegendPosition = LegendPosition.TopLeft,
                LegendOrientation = LegendOrientation.Horizontal,
                LegendTextColor = ChartColors.Ink,
                LegendFontSize = SmallFontSize,
                LegendMargin = 4,
                LegendPadding = 0,
                LegendItemSpacing = 14,
                LegendSymbolLength = 14,
                LegendMaxWidth = Chart.Width - 24,
            });
        }
        return plot;
    }

    /// <summary>An axis of numbers: labels, a faint grid, no ticks.</summary>
    public static LinearAxis Numbers(AxisPosition position, string? title = null) => new()
    {
        Position = position,
        Title = title,
        TitleColor = ChartColors.Muted,
        TextColor = ChartColors.Muted,
        AxislineStyle = LineStyle.None,
        TickStyle = TickStyle.None,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = ChartColors.Grid,
        MajorGridlineThickness = 1,
        ExtraGridlineColor = ChartColors.Muted,
        ExtraGridlineStyle = LineStyle.Solid,
        ExtraGridlineThickness = 1,
        FontSize = SmallFontSize,
        IntervalLength = position is AxisPosition.Bottom ? 70 : 45,
        MinimumPadding = 0.04,
        MaximumPadding = 0.04,
        LabelFormatter = Label,
    };

    /// <summary>An axis of policies from top to bottom: row i is number i.</summary>
    public static CategoryAxis Policies(IEnumerable<string> names)
    {
        var axis = new CategoryAxis
        {
            Position = AxisPosition.Left,
            StartPosition = 1,
            EndPosition = 0,
            IsTickCentered = true,
            TextColor = ChartColors.Ink,
            AxislineStyle = LineStyle.None,
            TickStyle = TickStyle.None,
            MajorGridlineStyle = LineStyle.None,
            GapWidth = 0,
        };
        axis.Labels.AddRange(names.Select(Shortened));
        return axis;
    }

    /// <summary>A label that leaves room for the chart.</summary>
    public static string Shortened(string name)
    {
        const int most = 22;
        string clean = Html.Clean(name).ReplaceLineEndings(" ");
        var info = new StringInfo(clean);
        return info.LengthInTextElements <= most ? clean : info.SubstringByTextElements(0, most - 1) + "…";
    }

    /// <summary>The height of a chart with a row a policy.</summary>
    public static double RowsHeight(int rows, double rowHeight = 40) => 62 + rowHeight * rows;

    private static string Label(double value)
    {
        double rounded = Math.Round(value, 10);
        return (Math.Abs(rounded) >= 1e6 ? rounded.ToString("0.#e0", CultureInfo.InvariantCulture) : rounded.ToString("0.######", CultureInfo.InvariantCulture)).Replace('-', '−');
    }
}
