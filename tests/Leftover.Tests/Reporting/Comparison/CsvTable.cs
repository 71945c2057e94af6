using System.Globalization;

namespace Leftover.Tests.Reporting.Comparison;

/// <summary>Reads a comparison's CSV with nothing of the product: quotes, commas and line breaks by hand.</summary>
internal sealed class CsvTable
{
    private readonly Dictionary<string, int> _columns;

    private CsvTable(List<string[]> records)
    {
        _columns = records[0].Select((name, i) => (name, i)).ToDictionary(column => column.name, column => column.i);
        Rows = [.. records.Skip(1)];
    }

    public IReadOnlyList<string[]> Rows { get; }

    public static CsvTable Read(string path)
    {
        List<string[]> records = [];
        List<string> record = [];
        var field = new System.Text.StringBuilder();
        bool quoted = false;
        string text = File.ReadAllText(path);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"') { field.Append('"'); i++; }
            else if (c == '"') quoted = !quoted;
            else if (!quoted && c is ',' or '\n' && !quoted)
            {
                record.Add(field.ToString());
                field.Clear();
                if (c != '\n') continue;
                records.Add([.. record]);
                record.Clear();
            }
            else field.Append(c);
        }
        return new CsvTable(records);
    }

    public string Text(string[] row, string column) => row[_columns[column]];

    public double Number(string[] row, string column) => double.Parse(row[_columns[column]], CultureInfo.InvariantCulture);

    /// <summary>The mean over samples of a reward, by (seed, prompt).</summary>
    public Dictionary<(string Seed, string Prompt), double> Grid(string method, string reward, string noise = "0") =>
        Rows.Where(row => Text(row, "method") == method && Text(row, "reward") == reward && Text(row, "noise") == noise)
            .GroupBy(row => (Text(row, "seed"), Text(row, "prompt"))).ToDictionary(cell => cell.Key, cell => cell.Average(row => Number(row, "value")));

    /// <summary>One row a reply of a method, whatever the reward.</summary>
    public IEnumerable<string[]> Replies(string method) =>
        Rows.Where(row => Text(row, "method") == method && Text(row, "noise") == "0").DistinctBy(row => (Text(row, "seed"), Text(row, "prompt"), Text(row, "sample")));
}
