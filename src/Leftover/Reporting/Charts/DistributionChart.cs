using Leftover.Evaluation;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Charts;

/// <summary>How a figure of the replies is spread, a small histogram a policy, one over the other on the same axis.</summary>
internal static class DistributionChart
{
    /// <summary>The ranking reward of the replies.</summary>
    public static Chart? OfReward(ReportInput input, string reward) => Of(
        input, "reward-spread", reward == Verdict.Total ? "How the total reward is spread" : $"How the reward {reward} is spread",
        reply => reply.Rewards.TryGetValue(reward, out double value) ? value : double.NaN, wholeNumbers: false);

    /// <summary>The length of the replies.</summary>
    public static Chart? OfLength(ReportInput input) => Of(input, "length", "Reply length by policy, in tokens", reply => reply.Tokens, wholeNumbers: true);

    private static Chart? Of(ReportInput input, string id, string title, Func<ScoredReply, double> figure, bool wholeNumbers)
    {
        double[][] values = [.. input.Replies.Select(policy => policy.Replies.Select(figure).Where(double.IsFinite).ToArray())];
        double[] all = [.. values.SelectMany(own => own)];
        if (all.Length == 0) return null;

        Bins bins = Bins.For(all, 32, wholeNumbers);
        int[][] counts = [.. values.Select(bins.Count)];
        double tallest = counts.Zip(values).Max(policy => policy.First.Max() / (double)Math.Max(1, policy.Second.Length));
        PlotModel plot = Plots.New();
        plot.Axes.Add(Plots.Policies(input.Replies.Select(policy => policy.Name)));
        plot.Axes.Add(Plots.Numbers(AxisPosition.Bottom));
        for (int row = 0; row < values.Length; row++)
        {
            OxyColor color = ChartColors.Policy(input.Results.IndexOf(input.Replies[row].Name));
            const double foot = 0.38, room = 0.8;
            var bars = new RectangleBarSeries { FillColor = OxyColor.FromAColor(190, color), StrokeColor = OxyColors.Transparent, StrokeThickness = 0 };
            for (int bin = 0; bin < bins.Number; bin++)
            {
                double height = counts[row][bin] / (double)Math.Max(1, values[row].Length) / tallest * room;
                if (counts[row][bin] > 0) bars.Items.Add(new RectangleBarItem(bins.Start(bin), row + foot - height, bins.Start(bin + 1), row + foot));
            }
            plot.Series.Add(bars);
            plot.Series.Add(Line(ChartColors.Grid, 1, (bins.Start(0), row + foot), (bins.Start(bins.Number), row + foot)));
            if (values[row].Length > 0) plot.Series.Add(Line(ChartColors.Ink, 2, (values[row].Average(), row + foot - room), (values[row].Average(), row + foot)));
        }
        return new Chart(id, title, "One small histogram a policy, all on one scale; the upright line is the mean." + bins.TailNote, plot, Plots.RowsHeight(values.Length, 52));
    }

    private static LineSeries Line(OxyColor color, double thickness, params (double X, double Y)[] points)
    {
        var line = new LineSeries { Color = color, StrokeThickness = thickness };
        line.Points.AddRange(points.Select(point => new DataPoint(point.X, point.Y)));
        return line;
    }
}
