using Leftover.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>A figure by policy: a point at the mean, a bar from one end of the interval to the other.</summary>
internal static class RewardChart
{
    /// <summary>A reward by policy.</summary>
    public static Chart? Of(RunResults results, string reward, int number)
    {
        string name = reward == Verdict.Total ? "Total reward" : $"Reward: {reward}";
        string reading = $"Mean over held-out prompts with its {Figures.Confidence(results.Confidence)} interval. Two intervals that overlap may still differ: see the comparison pair by pair.";
        return Of($"reward-{number}", $"{name} by policy", reading, results, results.Methods.Where(method => method.Rewards.ContainsKey(reward)).Select(method => (method.Name, method.Rewards[reward])));
    }

    /// <summary>Any figure with its interval by policy.</summary>
    public static Chart? Of(string id, string title, string reading, RunResults results, IEnumerable<(string Name, Estimate Estimate)> figures)
    {
        (string Name, Estimate Estimate)[] rows = [.. figures.Where(figure => double.IsFinite(figure.Estimate.Mean))];
        if (rows.Length == 0) return null;

        int decimals = Figures.Decimals(rows.Select(row => row.Estimate));
        PlotModel plot = Plots.New();
        CategoryAxis policies = Plots.Policies(rows.Select(row => row.Name));
        policies.Maximum = rows.Length - 0.4;
        plot.Axes.Add(policies);
        LinearAxis rewards = Plots.Numbers(AxisPosition.Bottom);
        rewards.MinimumPadding = rewards.MaximumPadding = 0.07;                // room for half a label
        plot.Axes.Add(rewards);
        for (int row = 0; row < rows.Length; row++)
        {
            Estimate estimate = rows[row].Estimate;
            OxyColor color = ChartColors.Policy(results.IndexOf(rows[row].Name));
            if (double.IsFinite(estimate.Low) && double.IsFinite(estimate.High))
            {
                var interval = new LineSeries { Color = OxyColor.FromAColor(110, color), StrokeThickness = 7, LineStyle = LineStyle.Solid };
                interval.Points.Add(new DataPoint(estimate.Low, row));
                interval.Points.Add(new DataPoint(estimate.High, row));
                plot.Series.Add(interval);
            }
            var mean = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 5, MarkerFill = color, MarkerStroke = ChartColors.Ground, MarkerStrokeThickness = 1 };
            mean.Points.Add(new ScatterPoint(estimate.Mean, row));
            plot.Series.Add(mean);
            plot.Annotations.Add(new TextAnnotation
            {
                Text = Figures.Fixed(estimate.Mean, decimals),
                TextPosition = new DataPoint(estimate.Mean, row),
                TextVerticalAlignment = VerticalAlignment.Top,
                TextHorizontalAlignment = HorizontalAlignment.Center,
                Offset = new ScreenVector(0, -7),                              // the axis runs downwards, and the offset with it: below the point
                TextColor = ChartColors.Ink,
                FontSize = Plots.SmallFontSize,
                Stroke = OxyColors.Transparent,
            });
        }
        return new Chart(id, title, reading, plot, Plots.RowsHeight(rows.Length));
    }
}
