using Leftover.Evaluation;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>How one reward of the train set is spread.</summary>
internal static class TrainRewardChart
{
    private const double Height = 200;

    public static Chart Of(RewardProfile reward, int number)
    {
        IReadOnlyList<int> counts = reward.Histogram.Counts;
        // A constant has one bin without a width; it is drawn as wide as a hundredth of itself.
        double low = reward.Histogram.Minimum, high = reward.Histogram.Maximum, half = low == high ? Math.Max(Math.Abs(low), 1) / 200 : 0;
        (low, high) = (low - half, high + half);
        PlotModel plot = Plots.New();
        LinearAxis up = Plots.Numbers(AxisPosition.Left);
        up.Minimum = 0;
        up.MinimumPadding = 0;
        plot.Axes.Add(up);
        LinearAxis across = Plots.Numbers(AxisPosition.Bottom);
        across.MajorGridlineStyle = LineStyle.None;
        plot.Axes.Add(across);
        var bars = new RectangleBarSeries { FillColor = ChartColors.Kept, StrokeColor = ChartColors.Ground, StrokeThickness = 0.5 };
        double width = (high - low) / counts.Count;
        for (int bin = 0; bin < counts.Count; bin++)
            if (counts[bin] > 0) bars.Items.Add(new RectangleBarItem(low + bin * width, 0, low + (bin + 1) * width, counts[bin]));
        plot.Series.Add(bars);
        var mean = new LineSeries { Color = ChartColors.Ink, StrokeThickness = 2 };
        mean.Points.Add(new DataPoint(reward.Spread.Mean, 0));
        mean.Points.Add(new DataPoint(reward.Spread.Mean, counts.Max()));
        plot.Series.Add(mean);
        return new Chart($"train-reward-{number}", $"Train set: {reward.Name}", $"Rows by score; the upright line is the mean, {Figures.Number(reward.Spread.Mean)}.", plot, Height);
    }
}
