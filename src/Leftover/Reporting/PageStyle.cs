namespace Leftover.Reporting;

/// <summary>The style sheets of a report, out of the assembly.</summary>
internal static class PageStyle
{
    /// <summary>Colors and font of charts.</summary>
    public static string Chart { get; } = Read("Charts.chart.css");

    /// <summary>The page.</summary>
    public static string Page { get; } = Read("report.css");

    /// <summary>The script that filters replies side by side.</summary>
    public static string FilterScript { get; } = Read("Comparison.filter.js");

    private static string Read(string name)
    {
        using Stream stream = typeof(PageStyle).Assembly.GetManifestResourceStream($"Leftover.Reporting.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
