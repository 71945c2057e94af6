using System.Globalization;
using Leftover.Reporting.Charts;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Leftover.Benchmarks;

/// <summary>How much of what each machine allows is reached: a bar for each headline figure and machine.</summary>
internal static class FloorChart
{
    private const double BarThickness = 9, RowSpread = 0.3;

    /// <summary>The figures that are drawn: the benchmark, how its line's name begins, and what the chart calls it.</summary>
    private static readonly (string Benchmark, string Line, string Label)[] s_headlines =
    [
        ("gemm", "fp32, geometric mean", "matrix products"), ("gemm", "bf16, geometric mean", "products in bf16"), ("step", "GPT-2 124M step", "GPT-2 step"), ("step-smollm2", "SmolLM2-135M A-LoL step", "SmolLM2 A-LoL step"),
        ("pipeline", "A-LoL, GPT-2 124M", "A-LoL row, GPT-2"), ("generate", "SmolLM2-135M, fp32 weights, 1 seq", "generation, 1"), ("generate", "SmolLM2-135M, fp32 weights, 16 seq", "generation, 16"),
        ("generate", "SmolLM2-135M, fp32 weights, 64 seq", "generation, 64"), ("memory", "SmolLM2-135M, full fine-tuning", "fine-tuning memory"),
    ];

    /// <summary>The chart.</summary>
    public static Chart Of(IReadOnlyList<ResultFile> machines)
    {
        (string Label, (int Machine, double Share)[] Shares)[] rows =
        [
            .. s_headlines.Select(headline => (headline.Label, Shares: machines.SelectMany((machine, i) => Share(machine, headline.Benchmark, headline.Line) is { } share ? [(i, share)] : Array.Empty<(int, double)>()).ToArray()))
                .Where(row => row.Shares.Length > 0),
        ];
        PlotModel plot = Plots.New(legend: machines.Count > 1);
        CategoryAxis names = Plots.Policies(rows.Select(row => row.Label));
        plot.Axes.Add(names);
        LinearAxis percent = Plots.Numbers(AxisPosition.Bottom, "percent of what the machine allows");
        (percent.Minimum, percent.Maximum) = (0, 112);
        plot.Axes.Add(percent);
        for (int machine = 0; machine < machines.Count; machine++)
        {
            var bars = new LineSeries { Color = ChartColors.Policy(machine + 1), StrokeThickness = BarThickness, Title = machines.Count > 1 ? machines[machine].Results[0].Cpu : null };
            double offset = machines.Count == 1 ? 0 : RowSpread * (machine / (machines.Count - 1.0) * 2 - 1);
            for (int row = 0; row < rows.Length; row++)
            {
                foreach ((int of, double share) in rows[row].Shares)
                {
                    if (of != machine) continue;
                    bars.Points.AddRange([new DataPoint(0, row + offset), new DataPoint(100 * share, row + offset), DataPoint.Undefined]);
                    plot.Annotations.Add(new TextAnnotation
                    {
                        Text = share.ToString("P0", CultureInfo.InvariantCulture),
                        TextPosition = new DataPoint(100 * share, row + offset),
                        TextVerticalAlignment = VerticalAlignment.Middle,
                        TextHorizontalAlignment = HorizontalAlignment.Left,
                        Offset = new ScreenVector(5, 0),
                        TextColor = ChartColors.Ink,
                        FontSize = Plots.SmallFontSize,
                        Stroke = OxyColors.Transparent,
                    });
                }
            }
            plot.Series.Add(bars);
        }
        return new Chart("performance", "How much of what the machine allows is reached",
            "100 percent is the floor: matrix products at the speed of multiply-adds in registers, weights at the speed of reading memory, and weights, gradients and moments alone in memory.",
            plot, Plots.RowsHeight(rows.Length, 22 + 12 * machines.Count) + (machines.Count > 1 ? 20 * machines.Count : 0));
    }

    // With several numbers of threads, that of the most.
    private static double? Share(ResultFile machine, string benchmark, string line) =>
        machine.Results.Where(result => result.Benchmark == benchmark).OrderByDescending(result => result.Threads)
            .SelectMany(result => result.Lines).FirstOrDefault(found => found.Name.StartsWith(line, StringComparison.Ordinal) && found.ShareOfFloor is not null)?.ShareOfFloor;
}
