using Leftover.Evaluation;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>What a policy's reward costs: reward against its distance from the reference, a labelled point a policy.</summary>
internal static class RewardKlChart
{
    private const double Height = 300;

    public static Chart? Of(RunResults results, string reward)
    {
        bool k3 = results.Methods.All(method => method.KlK3 is not null);
        (string Name, double Kl, Estimate Reward, int Index)[] points =
        [
            .. results.Methods.Select((method, i) => (method.Name, Kl: k3 ? method.KlK3!.Value : method.Kl, method.Rewards.TryGetValue(reward, out Estimate estimate) ? estimate : new Estimate(double.NaN, 0, 0), i))
                .Where(point => double.IsFinite(point.Kl) && double.IsFinite(point.Item3.Mean)),
        ];
        if (points.Length < 2) return null;

        PlotModel plot = Plots.New();
        Window window = Window.Around([.. points.Select(point => point.Kl)], [.. points.SelectMany(point => new[] { point.Reward.Mean, point.Reward.Low, point.Reward.High }).Where(double.IsFinite)]);
        LinearAxis across = Plots.Numbers(AxisPosition.Bottom, "KL to the reference, nats a reply"), up = Plots.Numbers(AxisPosition.Left);
        (across.Minimum, across.Maximum, up.Minimum, up.Maximum) = (window.Left, window.Right, window.Bottom, window.Top);
        plot.Axes.Add(across);
        plot.Axes.Add(up);
        foreach ((_, double kl, Estimate estimate, int index) in points)
        {
            OxyColor color = ChartColors.Policy(index);
            if (double.IsFinite(estimate.Low) && double.IsFinite(estimate.High))
            {
                var interval = new LineSeries { Color = OxyColor.FromAColor(110, color), StrokeThickness = 2 };
                interval.Points.Add(new DataPoint(kl, estimate.Low));
                interval.Points.Add(new DataPoint(kl, estimate.High));
                plot.Series.Add(interval);
            }
            var point = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 5, MarkerFill = color, MarkerStroke = ChartColors.Ground, MarkerStrokeThickness = 1 };
            point.Points.Add(new ScatterPoint(kl, estimate.Mean));
            plot.Series.Add(point);
        }
        DataPoint[] labels = new LabelPlaces(window).Place([.. points.Select(point => (Plots.Shortened(point.Name), new DataPoint(point.Kl, point.Reward.Mean)))]);
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
        string subject = reward == Verdict.Total ? "Total reward" : $"Reward {reward}";
        return new Chart(
            "reward-kl", $"{subject} against KL",
            $"Up is better, right is further from the reference (KL by {(k3 ? "k3" : "k1")}). Of two policies with the same reward, the one further left changed less for it.", plot, Height);
    }
}
