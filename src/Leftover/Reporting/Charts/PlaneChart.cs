using Leftover.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>What a policy's reward costs: reward against a price, a labelled point a policy, a line through those that no other beats in both.</summary>
internal static class PlaneChart
{
    private const double Height = 300;

    /// <summary>A policy's point.</summary>
    /// <param name="Name">The policy.</param>
    /// <param name="Price">What it costs.</param>
    /// <param name="Reward">What it earns.</param>
    /// <param name="Index">Its place in the results, which gives its color.</param>
    public sealed record Point(string Name, double Price, Estimate Reward, int Index);

    /// <summary>The chart; null with fewer than 2 points.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="reading">How to read it, but for the line.</param>
    /// <param name="price">The price and its unit.</param>
    /// <param name="all">The policies.</param>
    public static Chart? Of(string id, string title, string reading, string price, IEnumerable<Point> all)
    {
        Point[] points = [.. all.Where(point => double.IsFinite(point.Price) && double.IsFinite(point.Reward.Mean))];
        if (points.Length < 2) return null;

        PlotModel plot = Plots.New();
        Window window = Window.Around([.. points.Select(point => point.Price)], [.. points.SelectMany(point => new[] { point.Reward.Mean, point.Reward.Low, point.Reward.High }).Where(double.IsFinite)]);
        LinearAxis across = Plots.Numbers(AxisPosition.Bottom, price), up = Plots.Numbers(AxisPosition.Left);
        (across.Minimum, across.Maximum, up.Minimum, up.Maximum) = (window.Left, window.Right, window.Bottom, window.Top);
        plot.Axes.Add(across);
        plot.Axes.Add(up);
        Point[] front = Front(points);
        if (front.Length > 1)
        {
            var line = new LineSeries { Color = ChartColors.Muted, StrokeThickness = 1.5, LineStyle = LineStyle.Dash };
            line.Points.AddRange(front.Select(point => new DataPoint(point.Price, point.Reward.Mean)));
            plot.Series.Add(line);
        }
        foreach ((_, double x, Estimate estimate, int index) in points)
        {
            OxyColor color = ChartColors.Policy(index);
            if (double.IsFinite(estimate.Low) && double.IsFinite(estimate.High))
            {
                var interval = new LineSeries { Color = OxyColor.FromAColor(110, color), StrokeThickness = 2 };
                interval.Points.Add(new DataPoint(x, estimate.Low));
                interval.Points.Add(new DataPoint(x, estimate.High));
                plot.Series.Add(interval);
            }
            var point = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 5, MarkerFill = color, MarkerStroke = ChartColors.Ground, MarkerStrokeThickness = 1 };
            point.Points.Add(new ScatterPoint(x, estimate.Mean));
            plot.Series.Add(point);
        }
        DataPoint[] labels = new LabelPlaces(window).Place([.. points.Select(point => (Plots.Shortened(point.Name), new DataPoint(point.Price, point.Reward.Mean)))]);
        for (int i = 0; i < points.Length; i++)
        {
            plot.Annotations.Add(new TextAnnotation
            {
                Text = Plots.Shortened(points[i].Name),
                TextPosition = labels[i],
                TextHorizontalAlignment = HorizontalAlignment.Center,
                TextVerticalAlignment = VerticalAlignment.Middle,
                TextColor = ChartColors.Policy(points[i].Index),
                FontSize = Plots.SmallFontSize,
                Stroke = OxyColors.Transparent,
            });
        }
        string efficient = front.Length > 1 ? $" The dashed line joins those that no other beats in both (the Pareto front): {string.Join(", ", front.Select(point => point.Name))}." : "";
        return new Chart(id, title, reading + efficient, plot, Height);
    }

    /// <summary>The policies that no other beats in both, the cheapest first.</summary>
    internal static Point[] Front(IReadOnlyList<Point> points) =>
    [
        .. points.Where(point => !points.Any(other => other.Price <= point.Price && other.Reward.Mean >= point.Reward.Mean && (other.Price < point.Price || other.Reward.Mean > point.Reward.Mean)))
            .OrderBy(point => point.Price).ThenBy(point => point.Reward.Mean),
    ];
}
