using System.Globalization;
using Leftover.Data;
using Leftover.Reporting.Charts;
using Leftover.Runs;

namespace Leftover.Benchmarks;

/// <summary>Writes the figures of <c>benchmarks/results/*.json</c> into <c>docs/performance.md</c>, between its two marks, and the chart beside it.</summary>
internal static class PerformancePage
{
    private const string Begin = "<!-- figures: written by scripts/benchmark.sh -->", End = "<!-- end of figures -->";

    public static int Run(string[] args)
    {
        if (args.Length > 0) throw new ArgumentException($"report takes no options; '{args[0]}' was given.");
        string results = Path.Combine(BenchmarkOptions.Repository, "benchmarks", "results"), page = Path.Combine(BenchmarkOptions.Repository, "docs", "performance.md");
        string[] files = Directory.Exists(results) ? [.. Directory.EnumerateFiles(results, "*.json").Order(StringComparer.Ordinal)] : [];
        if (files.Length == 0) throw new DataException($"{results} holds no results; scripts/benchmark.sh measures them.");
        // The newest file of each machine: the others are history.
        ResultFile[] machines = [.. files.Select(ResultFile.Read).GroupBy(file => file.Results[0].Cpu).Select(group => group.MaxBy(file => file.Results.Max(result => result.Date))!)];

        string text = File.ReadAllText(page);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new DataException($"{page} lacks the lines '{Begin}' and '{End}', between which figures go.");
        string figures = string.Join('\n', machines.SelectMany(Section));
        AtomicFile.WriteAllText(page, $"{text[..(begin + Begin.Length)]}\n\n{figures}\n{text[end..]}");
        string image = Path.Combine(BenchmarkOptions.Repository, "docs", "images", "performance.svg");
        AtomicFile.WriteAllText(image, ChartSvg.Document(FloorChart.Of(machines)));
        Console.WriteLine($"{page}\n{image}");
        return 0;
    }

    private static IEnumerable<string> Section(ResultFile machine)
    {
        BenchmarkResult first = machine.Results[0];
        yield return $"## {first.Cpu}, {first.InstructionSet}\n";
        foreach (BenchmarkResult result in machine.Results.OrderBy(result => result.Date))
        {
            yield return $"### `{result.Benchmark}`, {result.Threads} thread{(result.Threads == 1 ? "" : "s")}, {result.Date:yyyy-MM-dd HH:mm} UTC\n";
            if (result.Lines.Any(line => line.Disturbed))
                yield return string.Create(CultureInfo.InvariantCulture, $"Provisional: other processes took up to {result.Lines.Max(line => line.Others):P0} of the machine while this was measured (lines with `!`).\n");
            foreach (string row in BenchmarkTable.Markdown(result)) yield return row;
            yield return "";
            foreach (string note in result.Lines.Where(line => line.Note is not null).Select(line => $"- {line.Name}: {line.Note}.").Distinct()) yield return note;
            foreach (string missing in result.Missing) yield return $"- Not measured, since it was missing: {missing}.";
            yield return "";
        }
    }
}
