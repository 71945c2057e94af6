using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Reporting.Charts;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Reporting.Comparison;

/// <summary>The charts that only a comparison of several trainings has.</summary>
internal static class CompareCharts
{
    private const double CurveHeight = 190, NoiseHeight = 360;

    /// <summary>Reward against what the training computed.</summary>
    public static Chart? Cost(CompareResults compared)
    {
        if (compared.RankingReward is not { } reward) return null;
        Dictionary<string, double> operations = compared.Spreads.ToDictionary(spread => spread.Name, spread => spread.Operations);
        if (operations.Values.All(value => value == 0)) return null;
        return PlaneChart.Of(
            "reward-cost", $"{Name(reward)} against training cost",
            "Up is better, right is dearer: floating-point operations of a training's matrix products, the generation of online methods included. The same on every machine; minutes measured on this one are in time.html.",
            "10¹² operations a training", Points(compared, reward, name => operations[name] / 1e12));
    }

    /// <summary>Reward against the minutes that a training took here.</summary>
    public static Chart? Time(CompareResults compared, IReadOnlyDictionary<string, double> seconds) => compared.RankingReward is not { } reward ? null : PlaneChart.Of(
        "reward-time", $"{Name(reward)} against training time",
        "Up is better, right is slower: minutes of a training as they were measured, generation and validations included.",
        "minutes a training", Points(compared, reward, name => seconds.TryGetValue(name, out double time) ? time / 60 : name == compared.Results.Methods[0].Name ? 0 : double.NaN));

    /// <summary>A small chart a method: its curve and band in color, the other methods' curves in gray, all on one scale.</summary>
    public static IReadOnlyList<Chart> Curves(CompareResults compared)
    {
        LearningCurve[] curves = [.. compared.Curves.Where(curve => curve.Points.Count > 1)];
        if (curves.Length == 0) return [];
        CurveBand[] all = [.. curves.SelectMany(curve => curve.Points)];
        bool thousands = all.Max(point => point.Tokens) >= 10_000;
        double unit = thousands ? 1000 : 1;
        Window window = Window.Around([.. all.Select(point => point.Tokens / unit)], [.. all.SelectMany(point => new[] { point.Low, point.High })]);
        return [.. curves.Select(curve =>
        {
            int index = compared.Results.IndexOf(curve.Name);
            PlotModel plot = Plots.New();
            LinearAxis across = Plots.Numbers(AxisPosition.Bottom, thousands ? "thousand tokens" : "tokens"), up = Plots.Numbers(AxisPosition.Left);
            (across.Minimum, across.Maximum, up.Minimum, up.Maximum) = (0, window.Right, window.Bottom, window.Top);
            across.MajorGridlineStyle = LineStyle.None;
            plot.Axes.Add(across);
            plot.Axes.Add(up);
            foreach (LearningCurve other in curves.Where(other => other != curve)) plot.Series.Add(Line(other, unit, ChartColors.Dropped, 1));
            OxyColor color = ChartColors.Policy(index);
            if (curve.Points.Any(point => point.High > point.Low))
            {
                var band = new AreaSeries { Color = OxyColors.Transparent, Color2 = OxyColors.Transparent, Fill = OxyColor.FromAColor(70, color), StrokeThickness = 0 };
                band.Points.AddRange(curve.Points.Select(point => new DataPoint(point.Tokens / unit, point.High)));
                band.Points2.AddRange(curve.Points.Select(point => new DataPoint(point.Tokens / unit, point.Low)));
                plot.Series.Add(band);
            }
            LineSeries line = Line(curve, unit, color, 2.5);
            (line.MarkerType, line.MarkerSize, line.MarkerFill) = (MarkerType.Circle, 3, color);
            plot.Series.Add(line);
            CurveBand last = curve.Points[^1];
            return new Chart($"curve-{index}", curve.Name, $"Reward on validation prompts while training, ending at {Figures.Number(last.Mean)} (seeds {Figures.Number(last.Low)} to {Figures.Number(last.High)}).", plot, CurveHeight);
        })];
    }

    /// <summary>Each method's reward at each share of bad completions, and how far each fell at the highest.</summary>
    public static IReadOnlyList<Chart> Noise(CompareResults compared)
    {
        if (compared.Noise.Count == 0) return [];
        PlotModel plot = Plots.New(legend: true);
        LinearAxis across = Plots.Numbers(AxisPosition.Bottom, "% of completions replaced by bad ones");
        across.MajorGridlineStyle = LineStyle.None;
        plot.Axes.Add(across);
        plot.Axes.Add(Plots.Numbers(AxisPosition.Left));
        foreach (IGrouping<string, NoiseResult> method in compared.Noise.GroupBy(result => result.Name))
        {
            int index = compared.Results.IndexOf(method.Key);
            var line = new LineSeries
            {
                Title = Plots.Shortened(method.Key),
                Color = ChartColors.Policy(index),
                StrokeThickness = 2,
                LineStyle = index > ChartColors.Methods ? LineStyle.Dash : LineStyle.Solid,
                MarkerType = MarkerType.Circle,
                MarkerSize = 3,
                MarkerFill = ChartColors.Policy(index),
            };
            line.Points.AddRange(method.Select(result => new DataPoint(100 * result.Noise, result.Reward.Mean)));
            plot.Series.Add(line);
        }
        double level = compared.Noise.Max(result => result.Noise);
        Chart? falls = RewardChart.Of(
            "noise-fall", $"Fall at {Figures.Percent(level)} bad completions",
            $"What each method earns less than with the log as it is, on the same prompts, with its {Figures.Confidence(compared.Results.Confidence)} interval over prompts and seeds. Further left is sturdier.",
            compared.Results, compared.Noise.Where(result => result.Noise == level).Select(result => (result.Name, result.Fall)));
        Chart curve = new("noise", "Final reward with a noisy log", "Each method's final reward on held-out prompts where a share of the log's completions is replaced by bad ones; the reference policy learns from the same log.", plot, NoiseHeight);
        return falls is null ? [curve] : [curve, falls];
    }

    /// <summary>How rewards and length go together: a square a pair.</summary>
    public static Chart? Correlations(CompareResults compared)
    {
        string[] names = [.. compared.Correlations.SelectMany(pair => new[] { pair.A, pair.B }).Distinct()];
        if (names.Length < 2) return null;
        PlotModel plot = Plots.New();
        CategoryAxis up = Plots.Policies(names), across = Plots.Policies(names);
        (across.Position, across.StartPosition, across.EndPosition, across.Angle) = (AxisPosition.Bottom, 0, 1, -35);
        plot.Axes.Add(up);
        plot.Axes.Add(across);
        foreach (RewardCorrelation pair in compared.Correlations)
        {
            if (pair.Pearson is not { } r) continue;
            int a = Array.IndexOf(names, pair.A), b = Array.IndexOf(names, pair.B);
            foreach ((int x, int y) in new[] { (a, b), (b, a) })
            {
                plot.Annotations.Add(new RectangleAnnotation { MinimumX = x - 0.48, MaximumX = x + 0.48, MinimumY = y - 0.48, MaximumY = y + 0.48, Fill = OxyColor.FromAColor((byte)(20 + 150 * Math.Abs(r)), r >= 0 ? ChartColors.Kept : ChartColors.Policy(2)), StrokeThickness = 0 });
                plot.Annotations.Add(new TextAnnotation
                {
                    Text = Figures.Fixed(r, 2),
                    TextPosition = new DataPoint(x, y),
                    TextHorizontalAlignment = HorizontalAlignment.Center,
                    TextVerticalAlignment = VerticalAlignment.Middle,
                    TextColor = ChartColors.Ink,
                    FontSize = Plots.SmallFontSize,
                    Stroke = OxyColors.Transparent,
                });
            }
        }
        return new Chart("correlations", "How rewards go together", "Pearson's r over all replies of all policies: blue where two rise together, orange where one falls as the other rises. A reward near 1 with another adds little; one near ±1 with length is mostly length.", plot, 90 + 38 * names.Length);
    }

    private static LineSeries Line(LearningCurve curve, double unit, OxyColor color, double thickness)
    {
        var line = new LineSeries { Color = color, StrokeThickness = thickness };
        line.Points.AddRange(curve.Points.Select(point => new DataPoint(point.Tokens / unit, point.Mean)));
        return line;
    }

    private static IEnumerable<PlaneChart.Point> Points(CompareResults compared, string reward, Func<string, double> price) =>
        compared.Results.Methods.Select((method, i) => new PlaneChart.Point(method.Name, price(method.Name), method.Rewards[reward], i));

    private static string Name(string reward) => reward == Verdict.Total ? "Total reward" : $"Reward {reward}";
}
