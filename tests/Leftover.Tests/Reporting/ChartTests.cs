using System.Globalization;
using System.Xml.Linq;
using Leftover.Evaluation;
using Leftover.Reporting;
using Leftover.Reporting.Charts;
using OxyPlot;

namespace Leftover.Tests.Reporting;

public class ChartTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Points_of_the_reward_chart_lie_where_the_means_are()
    {
        // Means 0, 1 and 3: the way from the second to the third point is twice that from the first to the second.
        Chart chart = RewardChart.Of(VerdictTests.Run([("reference", 0), ("nll", 1), ("a-lol", 3)]), "total", 0)!;
        XElement svg = ChartSvg.Element(chart);
        double[] x = [.. svg.Descendants(s_svg + "ellipse").Select(point => Number(point, "cx"))];
        double[] y = [.. svg.Descendants(s_svg + "ellipse").Select(point => Number(point, "cy"))];
        Assert.Equal(2, (x[2] - x[1]) / (x[1] - x[0]), tolerance: 1e-3);
        Assert.True(y[0] < y[1] && y[1] < y[2], "the reference stands at the top");

        // Each interval is ± 0.1 around its mean.
        double unit = x[1] - x[0];
        double[][] intervals = [.. svg.Descendants(s_svg + "polyline").Where(line => line.Attribute("style")!.Value.Contains("stroke-width:7", StringComparison.Ordinal)).Select(Xs)];
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(x[i] - 0.1 * unit, intervals[i].Min(), tolerance: 0.01);
            Assert.Equal(x[i] + 0.1 * unit, intervals[i].Max(), tolerance: 0.01);
        }
    }

    [Fact]
    public void The_advantage_histogram_s_bars_are_as_high_as_there_are_rows()
    {
        var set = new AdvantageSet(["a-lol"], [.. Enumerable.Range(0, 100).Select(i => new LoggedAdvantage { Advantage = (i - 69.5) / 100, Kept = i >= 70 })]);
        XElement svg = ChartSvg.Element(AdvantageChart.Of(set, 0)!);
        double Height(string role) => svg.Descendants(s_svg + "rect")
            .Where(bar => bar.Attribute("shape-rendering") is not null && bar.Attribute("style")!.Value.StartsWith($"fill:var(--chart-{role})", StringComparison.Ordinal))     // the legend's are not crisp
            .Sum(bar => Number(bar, "height"));
        Assert.Equal(70.0 / 30, Height("3") / Height("4"), tolerance: 0.01);
    }

    [Fact]
    public void The_learning_curve_shows_the_smoothed_loss_of_each_step()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, string.Concat(Enumerable.Range(1, 10).Select(step => $$"""{"step":{{step}},"train/loss":{{10 - step}}}""" + "\n")));
            XElement svg = ChartSvg.Element(TrainingCharts.Loss(MetricSeries.Read("a-lol", path), 1)!);
            XElement line = svg.Descendants(s_svg + "polyline").Single(line => line.Attribute("style")!.Value.Contains("--chart-10", StringComparison.Ordinal));
            double[] points = [.. line.Attribute("points")!.Value.Split(' ').Select(point => double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture))];
            Assert.Equal(points.Order(), points);                                  // a falling loss goes down the page
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Labels_of_points_that_lie_together_do_not_cover_one_another()
    {
        (string Text, DataPoint Point)[] points = [.. Enumerable.Range(0, 8).Select(i => ($"method-{i}", new DataPoint(10 + 0.02 * i, 1.4 + 0.001 * (i % 3)))), ("reference", new DataPoint(0, 0.5))];
        Window window = Window.Around([.. points.Select(point => point.Point.X)], [.. points.Select(point => point.Point.Y)]);
        DataPoint[] labels = new LabelPlaces(window).Place(points);
        for (int a = 0; a < labels.Length; a++)
        {
            Assert.InRange(labels[a].X, window.Left, window.Right);
            Assert.InRange(labels[a].Y, window.Bottom, window.Top);
            for (int b = 0; b < a; b++)
            {
                double apartX = Math.Abs(labels[a].X - labels[b].X) / window.PixelWidth, apartY = Math.Abs(labels[a].Y - labels[b].Y) / window.PixelHeight;
                Assert.True(apartX >= ChartText.Width("method-0", Plots.SmallFontSize) - 0.01 || apartY >= Plots.SmallFontSize, $"labels {a} and {b} are {apartX} × {apartY} apart");
            }
        }
    }

    [Fact]
    public void A_label_may_hold_anything()
    {
        string label = "a_{b}^{c} <b>\0 \U0001F642 ملصق طويل جدا لا يتسع في المكان";
        XElement svg = XDocument.Parse(ChartSvg.Document(RewardChart.Of(VerdictTests.Run([("reference", 0), (label, 1)]), "total", 0)! with { Title = label })).Root!;
        Assert.Equal(label.Replace('\0', '\uFFFD'), svg.Element(s_svg + "title")!.Value);
        Assert.Contains(svg.Descendants(s_svg + "text"), text => text.Value.Contains("\U0001F642", StringComparison.Ordinal));
    }

    [Fact]
    public void Policies_that_all_earn_the_same_have_a_chart()
    {
        RunResults same = VerdictTests.Run([("reference", 1), ("a-lol", 1)]);
        same = same with { Methods = [.. same.Methods.Select(method => method with { Kl = 0, Rewards = new Dictionary<string, Estimate> { ["total"] = new(1, 1, 1) } })] };
        Assert.Equal(2, ChartSvg.Element(RewardChart.Of(same, "total", 0)!).Descendants(s_svg + "ellipse").Count());
        Assert.Equal(2, ChartSvg.Element(RewardKlChart.Of(same, "total")!).Descendants(s_svg + "ellipse").Count());
    }

    [Theory]
    [InlineData(new[] { -0.31, 0.2, 0.9 })]
    [InlineData(new[] { 5.0 })]
    [InlineData(new[] { 0.0, 0.0 })]
    [InlineData(new[] { -1e-9, 1e-9 })]
    [InlineData(new[] { 1e12, 1e12 + 1 })]
    public void Bins_hold_every_value_once_and_0_is_a_border(double[] values)
    {
        Bins bins = Bins.For(values, 40);
        Assert.Equal(values.Length, bins.Count(values).Sum());
        Assert.InRange(bins.Number, 1, 60);
        Assert.All(values, value => Assert.InRange(value, bins.Start(bins.Of(value)) - 1e-6 * Math.Abs(value), bins.Start(bins.Of(value) + 1) + 1e-6 * Math.Abs(value)));
        if (values.Min() < 0 && values.Max() > 0) Assert.Equal(0, bins.Start((int)-bins.First));
    }

    [Fact]
    public void A_long_tail_does_not_flatten_the_rest()
    {
        Bins bins = Bins.For([.. Enumerable.Range(0, 1000).Select(i => i / 1000.0), 500], 40);
        Assert.True(bins.Width < 0.1);
        Assert.NotEmpty(bins.TailNote);
        Assert.Equal(bins.Number - 1, bins.Of(500));
    }

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    private static double[] Xs(XElement line) => [.. line.Attribute("points")!.Value.Split(' ').Select(point => double.Parse(point.Split(',')[0], CultureInfo.InvariantCulture))];
}
