using Leftover.RewardModels;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>What a reward model predicted against what was so: on the diagonal its numbers mean what they say.</summary>
internal static class ReliabilityChart
{
    private const double Height = 320, LeastDot = 3, MostDot = 9;

    public static Chart Of(RewardModelReport report)
    {
        bool isRegression = report.Task == "regression";
        (string across, string up) = report.Task switch
        {
            "regression" => ("predicted value", "true value"),
            "preference" => ("probability that the higher score is the chosen answer", "share of pairs where it was"),
            _ => report.Labels.Count == 2 ? ($"probability of {Plots.Shortened(report.Labels[1])}", "share of texts that were") : ("probability of the likeliest class", "share of texts that were of it"),
        };
        double[] ends = [.. report.Reliability.SelectMany(bin => new[] { bin.Predicted, bin.Observed })];
        (double low, double high) = isRegression ? (ends.Min(), ends.Max()) : (0, 1);

        PlotModel plot = Plots.New();
        plot.Axes.Add(Plots.Numbers(AxisPosition.Bottom, across));
        plot.Axes.Add(Plots.Numbers(AxisPosition.Left, up));
        var diagonal = new LineSeries { Color = ChartColors.Muted, StrokeThickness = 1, LineStyle = LineStyle.Dash };
        diagonal.Points.Add(new DataPoint(low, low));
        diagonal.Points.Add(new DataPoint(high, high));
        plot.Series.Add(diagonal);

        var line = new LineSeries { Color = ChartColors.Policy(1), StrokeThickness = 2 };
        int most = report.Reliability.Max(bin => bin.Count);
        foreach (var bin in report.Reliability)
        {
            line.Points.Add(new DataPoint(bin.Predicted, bin.Observed));
            var dot = new ScatterSeries
            {
                MarkerType = MarkerType.Circle,
                MarkerSize = LeastDot + (MostDot - LeastDot) * Math.Sqrt((double)bin.Count / most),
                MarkerFill = ChartColors.Policy(1),
                MarkerStroke = ChartColors.Ground,
                MarkerStrokeThickness = 1,
            };
            dot.Points.Add(new ScatterPoint(bin.Predicted, bin.Observed));
            plot.Series.Add(dot);
        }
        plot.Series.Add(line);
        return new Chart("reliability", "Reliability on held-out rows", "On the dashed line predictions are what they claim; below it the model claims too much, above it too little. A larger dot stands for more rows.", plot, Height);
    }
}
