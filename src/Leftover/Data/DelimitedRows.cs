using System.Globalization;
using System.Text.Json;
using CsvHelper;

namespace Leftover.Data;

/// <summary>Rows of CSV, where quotes may enclose commas and line breaks, and of TSV, where a quote is a character like any other.</summary>
internal static class DelimitedRows
{
    public static IEnumerable<RawRow> Read(TextReader reader, string path, char delimiter, bool hasHeader, IReadOnlyDictionary<string, string> columns)
    {
        CsvMalformedReason? malformed = null;
        using CsvReader csv = CsvReader.Create(reader, new CsvReaderOptions
        {
            Separator = delimiter,
            Mode = delimiter == '\t' ? CsvMode.NoEscape : CsvMode.Rfc4180,
            HasHeader = hasHeader,
            TrackLineNumbers = true,
            OnMalformedRecord = record => malformed = record.Reason == CsvMalformedReason.StrayQuote ? malformed : record.Reason,   // 5" pipes are text
        });

        string[]? header = hasHeader ? [.. csv.Headers] : null;
        if (header?.GroupBy(h => h).FirstOrDefault(g => g.Count() > 1)?.Key is { } twice)
            throw new DataException($"{path}(1): the header names the column '{twice}' twice; rename one of them.");

        malformed = null;
        while (csv.Read())
        {
            string[] cells = csv.Current.ToArray();
            header ??= [.. Enumerable.Range(0, cells.Length).Select(i => i.ToString(CultureInfo.InvariantCulture))];
            (string[] names, CsvMalformedReason? fault, int number, int line) = (header, malformed, (int)csv.RowNumber - 1, (int)csv.LineNumber);
            malformed = null;
            yield return new RawRow(number, line, () => ToRow(cells, names, fault, number, line, path, columns));
        }
    }

    private static Row ToRow(
        string[] cells, string[] header, CsvMalformedReason? fault, int number, int line, string path, IReadOnlyDictionary<string, string> columns)
    {
        if (fault is not null) throw new RowException($"a quote is out of place ({fault}) in the row that begins \"{Row.Snippet(cells[0])}\"; a cell in quotes ends with one, and doubles those within.");
        if (cells.Length != header.Length)
            throw new RowException($"the row has {cells.Length} cells and must have {header.Length}: {Row.Listing(header)}. Look for a delimiter within a text.");

        Dictionary<string, string> byName = [];
        for (int i = 0; i < cells.Length; i++) byName[header[i]] = cells[i];
        return new Row(path, line, number, JsonSerializer.SerializeToElement(byName), isText: true, columns);
    }
}
