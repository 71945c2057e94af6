using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>How training went, step by step.</summary>
internal static class TrainingCharts
{
    /// <summary>The loss of one method, with a mean over neighbouring steps; losses of different methods have different scales, so each has its chart.</summary>
    public static Chart? Loss(MetricSeries log, int index)
    {
        DataPoint[] points = [.. log.Of("train/loss").Select(point => new DataPoint(point.Step, point.Value))];
        if (points.Length < 2) return null;

        PlotModel plot = Plots.New();
        plot.Axes.Add(Plots.Numbers(AxisPosition.Left));
        plot.Axes.Add(Steps());
        OxyColor color = ChartColors.Policy(index);
        int reach = points.Length / 40;
        if (reach > 0) plot.Series.Add(Line(points, OxyColor.FromAColor(80, color), 1));
        plot.Series.Add(Line(Smoothed(points, reach), color, 2));
        string reading = reach > 0 ? $"Each step's loss (faint) and its mean over {2 * reach + 1} neighbouring steps. Losses of different methods are not comparable." : "Each step's loss. Losses of different methods are not comparable.";
        return new Chart($"loss-{index}", $"Training loss: {log.Method}", reading, plot, 220);
    }

    /// <summary>The reward of replies to validation prompts while training, or whatever else checkpoints were chosen by, a line a method; a ring marks the step whose weights were taken.</summary>
    public static Chart? Evaluation(IReadOnlyList<(MetricSeries Log, int Index, int? Step)> methods)
    {
        const string ring = "A ring marks the step whose weights were taken.", reward = "eval/reward";
        return methods.Any(method => method.Log.Of(reward).Any())
            ? Lines("eval-reward", "Reward while training", $"Mean reward of replies to validation prompts by training step. {ring}", reward, methods)
            : Lines("eval-score", "Validation score while training", $"What checkpoints are chosen by; higher is better. {ring}", "eval/score", methods);
    }

    /// <summary>The effective sample size of the importance weights.</summary>
    public static Chart? EffectiveSampleSize(IReadOnlyList<(MetricSeries Log, int Index, int? Step)> methods) => Lines(
        "effective-sample-size", "Effective sample size",
        "Share of a step's rows that their importance weights π/π_ref leave in effect, smoothed. Below 0.3 a few rows decide, and what the log says about the policy is worth little.",
        MetricSeries.EffectiveSampleSize, [.. methods.Select(method => (method.Log, method.Index, (int?)null))]);

    private static Chart? Lines(string id, string title, string reading, string metric, IReadOnlyList<(MetricSeries Log, int Index, int? Step)> methods)
    {
        PlotModel plot = Plots.New(legend: true);
        plot.Axes.Add(Plots.Numbers(AxisPosition.Left));
        plot.Axes.Add(Steps());
        foreach ((MetricSeries log, int index, int? step) in methods)
        {
            DataPoint[] points = [.. log.Of(metric).Select(point => new DataPoint(point.Step, point.Value))];
            if (points.Length == 0) continue;
            int reach = points.Length > 60 ? points.Length / 40 : 0;
            LineSeries line = Line(Smoothed(points, reach), ChartColors.Policy(index), 2);
            line.Title = Plots.Shortened(log.Method);
            line.LineStyle = index > ChartColors.Methods ? LineStyle.Dash : LineStyle.Solid;
            if (points.Length <= 24) (line.MarkerType, line.MarkerSize, line.MarkerFill) = (MarkerType.Circle, 3, ChartColors.Policy(index));
            plot.Series.Add(line);
            if (step is not { } taken || !points.Any(point => point.X == taken)) continue;
            var ring = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 6, MarkerFill = OxyColors.Transparent, MarkerStroke = ChartColors.Policy(index), MarkerStrokeThickness = 2 };
            ring.Points.Add(new ScatterPoint(taken, points.First(point => point.X == taken).Y));
            plot.Series.Add(ring);
        }
        return plot.Series.Count == 0 ? null : new Chart(id, title, reading, plot, 300);
    }

    private static LinearAxis Steps()
    {
        LinearAxis axis = Plots.Numbers(AxisPosition.Bottom, "step");
        axis.MajorGridlineStyle = LineStyle.None;
        axis.MinimumMajorStep = 1;
        axis.MinimumPadding = axis.MaximumPadding = 0.02;
        return axis;
    }

    private static LineSeries Line(IEnumerable<DataPoint> points, OxyColor color, double thickness)
    {
        var line = new LineSeries { Color = color, StrokeThickness = thickness, LineJoin = LineJoin.Round, Decimator = Decimator.Decimate };
        line.Points.AddRange(points);
        return line;
    }

    /// <summary>The mean over each point and its neighbours, of which the ends have fewer.</summary>
    private static IEnumerable<DataPoint> Smoothed(DataPoint[] points, int reach)
    {
        for (int i = 0; i < points.Length; i++)
            yield return new DataPoint(points[i].X, points[Math.Max(0, i - reach)..Math.Min(points.Length, i + reach + 1)].Average(point => point.Y));
    }
}
