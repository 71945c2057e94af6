using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>A table of a report, whatever it is written as.</summary>
/// <param name="Caption">What it shows, and how to read it.</param>
/// <param name="Columns">Its columns; the first names the row.</param>
/// <param name="Rows">Its rows, a cell a column.</param>
internal sealed record ReportTable(string Caption, IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows)
{
    /// <summary>The table without the columns in which no row has anything.</summary>
    public ReportTable WithoutEmptyColumns()
    {
        int[] used = [.. Enumerable.Range(0, Columns.Count).Where(i => i == 0 || Rows.Any(row => row[i].Text != Figures.None))];
        return this with { Columns = [.. used.Select(i => Columns[i])], Rows = [.. Rows.Select(row => used.Select(i => row[i]).ToArray())] };
    }
}

/// <summary>A table's column.</summary>
/// <param name="Title">Its head.</param>
/// <param name="Meaning">What it means; null where the title says it.</param>
/// <param name="IsText">True for words, false for figures.</param>
internal sealed record Column(string Title, string? Meaning = null, bool IsText = false);

/// <summary>A table's cell.</summary>
/// <param name="Text">What is read.</param>
/// <param name="Detail">What stands beside it in smaller print: an interval.</param>
/// <param name="Value">The number, unrounded; null where it is none.</param>
internal sealed record Cell(string Text, string? Detail = null, double? Value = null)
{
    /// <summary>A cell without content.</summary>
    public static Cell Empty { get; } = new(Figures.None);

    /// <summary>A number.</summary>
    public static Cell Number(double? value) => value is { } number && double.IsFinite(number) ? new(Figures.Number(number), Value: number) : Empty;

    /// <summary>A share in percent.</summary>
    public static Cell Percent(double? share) => share is { } number && double.IsFinite(number) ? new(Figures.Percent(number), Value: number) : Empty;

    /// <summary>A mean with its interval.</summary>
    public static Cell Of(Estimate? estimate, int decimals)
    {
        if (estimate is not { } known || !double.IsFinite(known.Mean)) return Empty;
        (string mean, string range) = Figures.Of(known, decimals);
        return new Cell(mean, double.IsFinite(known.Low) && double.IsFinite(known.High) ? range : null, known.Mean);
    }

    /// <summary>A count.</summary>
    public static Cell Count(int? value) => value is { } number ? new(number.ToString(System.Globalization.CultureInfo.InvariantCulture), Value: number) : Empty;
}
