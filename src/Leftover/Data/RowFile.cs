using System.IO.Compression;
using System.Text;

namespace Leftover.Data;

/// <summary>A row as it was read, or what stood in its place.</summary>
/// <param name="Number">The row's 0-based number.</param>
/// <param name="Line">The 1-based line on which it begins.</param>
/// <param name="Row">The row, made when it is asked for; throws a <see cref="RowException"/> where it is none.</param>
internal readonly record struct RawRow(int Number, int Line, Func<Row> Row);

/// <summary>Opens a file of rows: JSON lines, a JSON array, CSV, TSV or plain lines, each also compressed with gzip.</summary>
internal static class RowFile
{
    private static readonly string[] _endings = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt"];

    /// <summary>The file's name without folders and endings: what names its source.</summary>
    public static string Stem(string path)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) name = name[..^3];
        string ending = _endings.FirstOrDefault(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) ?? "";
        return name[..^ending.Length];
    }

    /// <summary>The rows, one after another; the file is never held whole, but for a JSON array.</summary>
    /// <exception cref="DataException">The file is missing, empty, damaged, or of no known kind.</exception>
    public static IEnumerable<RawRow> Read(DataSource source, IReadOnlyDictionary<string, string> columns)
    {
        string path = source.Path;
        MissingFile.ThrowIfMissing(path, "training data");
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        string ending = Path.GetExtension(name).ToLowerInvariant();
        if (!_endings.Contains(ending))
            throw new DataException($"{path} ends in '{ending}'; rows are read from {string.Join(", ", _endings)}, each also with .gz. Convert it, for example to JSON lines.");

        using StreamReader reader = Open(path);
        IEnumerator<RawRow> rows = (ending switch
        {
            ".csv" => DelimitedRows.Read(reader, path, ',', source.Header, columns),
            ".tsv" => DelimitedRows.Read(reader, path, '\t', source.Header, columns),
            ".txt" => JsonRows.ReadPlain(reader, path, columns),
            _ => JsonRows.Read(reader, path, columns),
        }).GetEnumerator();

        while (Next(rows, path)) yield return rows.Current;
    }

    private static bool Next(IEnumerator<RawRow> rows, string path)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (InvalidDataException e)
        {
            throw new DataException($"{path} is no whole gzip file ({e.Message}). Copy or download it again.", e);
        }
    }

    private static StreamReader Open(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new DataException($"{path} cannot be opened: {e.Message} Check who may read it.", e);
        }

        bool isCompressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;      // gzip's first bytes, whatever the name says
        file.Position = 0;
        return new StreamReader(isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, 1 << 16);
    }
}
