using System.Globalization;

namespace Leftover.Benchmarks;

/// <summary>Shows a result as a table, on the console and in Markdown.</summary>
internal static class BenchmarkTable
{
    private static readonly string[] s_head = ["", "ours", "min to max", "unit", "floor", "of floor", "peer", "peer's", "ours / peer", "rounds"];

    /// <summary>The table in aligned columns.</summary>
    public static void Print(BenchmarkResult result)
    {
        Console.WriteLine($"{result.Benchmark}: {result.Cpu}, {result.InstructionSet}, {result.Threads} thread{(result.Threads == 1 ? "" : "s")}, {result.Date:yyyy-MM-dd HH:mm} UTC");
        string[][] rows = [s_head, .. result.Lines.Select(Cells)];
        int[] widths = [.. s_head.Select((_, column) => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Length; i++)
        {
            Console.WriteLine(string.Join("  ", rows[i].Select((cell, column) => column is 0 or 3 or 6 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
            if (i > 0 && result.Lines[i - 1].Note is { } note) Console.WriteLine($"    {note}");
        }
        if (result.Lines.Any(line => line.Disturbed)) Console.WriteLine("  !  other processes computed meanwhile: the figures are less than the machine can do");
        foreach (string missing in result.Missing) Console.WriteLine($"  missing: {missing}");
        Console.WriteLine();
    }

    /// <summary>The table in Markdown, columns that no line fills left out.</summary>
    public static IEnumerable<string> Markdown(BenchmarkResult result)
    {
        string[][] rows = [.. result.Lines.Select(Cells)];
        int[] columns = [.. Enumerable.Range(0, s_head.Length).Where(column => rows.Any(row => row[column].Length > 0))];
        yield return $"| {string.Join(" | ", columns.Select(column => s_head[column]))} |";
        yield return $"|{string.Concat(columns.Select(column => column is 0 or 3 or 6 ? "---|" : "--:|"))}";
        foreach (string[] row in rows) yield return $"| {string.Join(" | ", columns.Select(column => row[column]))} |";
    }

    /// <summary>A number with three or four significant digits.</summary>
    public static string Number(double? value) => value is not { } number ? ""
        : Math.Abs(number) >= 1000 ? number.ToString("N0", CultureInfo.InvariantCulture) : number.ToString(Math.Abs(number) >= 100 ? "F0" : Math.Abs(number) >= 10 ? "F1" : "0.###", CultureInfo.InvariantCulture);

    private static string[] Cells(BenchmarkLine line) =>
    [
        line.Name, Number(line.Ours), line.Rounds > 1 ? $"{Number(line.Min)} to {Number(line.Max)}" : "", line.Unit, Number(line.Floor), line.ShareOfFloor?.ToString("P1", CultureInfo.InvariantCulture) ?? "",
        line.Peer ?? "", Number(line.PeerValue), line.Ratio?.ToString("0.000", CultureInfo.InvariantCulture) ?? "", Rounds(line),
    ];

    private static string Rounds(BenchmarkLine line) => line.Rounds == 1 && !line.Disturbed ? "" :
        $"{line.Rounds}{(line.Dropped > 0 ? $" ({line.Dropped} dropped)" : "")}{(line.Disturbed ? $" ! {line.Others.ToString("P0", CultureInfo.InvariantCulture)} others" : "")}";
}
