using Leftover.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>A reward by method: a point at the mean, a bar from one end of the interval to the other.</summary>
internal static class RewardChart
{
    public static Chart? Of(RunResults results, string reward, int number)
    {
        MethodResult[] methods = [.. results.Methods.Where(method => method.Rewards.TryGetValue(reward, out Estimate estimate) && double.IsFinite(estimate.Mean))];
        if (methods.Length == 0) return null;

        int decimals = Figures.Decimals(methods.Select(method => method.Rewards[reward]));
        PlotModel plot = Plots.New();
        CategoryAxis policies = Plots.Policies(methods.Select(method => method.Name));
        policies.Maximum = methods.Length - 0.4;
        plot.Axes.Add(policies);
        LinearAxis rewards = Plots.Numbers(AxisPosition.Bottom);
        rewards.MinimumPadding = rewards.MaximumPadding = 0.07;                // room for half a label
        plot.Axes.Add(rewards);
        for (int row = 0; row < methods.Length; row++)
        {
            Estimate estimate = methods[row].Rewards[reward];
            OxyColor color = ChartColors.Policy(results.IndexOf(methods[row].Name));
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
        string name = reward == Verdict.Total ? "Total reward" : $"Reward: {reward}";
        string reading = $"Mean over held-out prompts with its {Figures.Confidence(results.Confidence)} interval. Two intervals that overlap may still differ: see the comparison pair by pair.";
        return new Chart($"reward-{number}", $"{name} by policy", reading, plot, Plots.RowsHeight(methods.Length));
    }
}
