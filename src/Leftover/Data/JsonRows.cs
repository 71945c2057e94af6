using System.Text;
using System.Text.Json;

namespace Leftover.Data;

/// <summary>Rows of JSON lines, of a JSON array, and of plain lines.</summary>
internal static class JsonRows
{
    /// <summary>One object a line, or one array of objects; blank lines are passed over, but counted.</summary>
    public static IEnumerable<RawRow> Read(StreamReader reader, string path, IReadOnlyDictionary<string, string> columns)
    {
        int number = 0;
        bool isFirst = true;
        while (reader.ReadLine() is { } line)
        {
            int current = number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (isFirst && line.TrimStart()[0] == '[')
            {
                foreach (RawRow row in ReadArray(line, reader, current, path, columns)) yield return row;
                yield break;
            }

            isFirst = false;
            yield return new RawRow(current, current + 1, () => ToRow(line, current, current + 1, path, columns));
        }
    }

    /// <summary>Each line that is not blank as a row whose only column is <c>text</c>.</summary>
    public static IEnumerable<RawRow> ReadPlain(StreamReader reader, string path, IReadOnlyDictionary<string, string> columns)
    {
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            int current = number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            yield return new RawRow(current, current + 1, () =>
                new Row(path, current + 1, current, JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["text"] = line }), true, columns));
        }
    }

    private static Row ToRow(string line, int number, int place, string path, IReadOnlyDictionary<string, string> columns)
    {
        JsonElement root;
        try
        {
            root = JsonElement.Parse(line);
        }
        catch (JsonException e)
        {
            root = ParseWithNonFinite(line, e);
        }

        if (root.ValueKind != JsonValueKind.Object) throw new RowException($"the row is {Row.Describe(root)}; it must be an object with columns, for example {{\"prompt\": …, \"completion\": …, \"reward\": …}}.");
        return new Row(path, place, number, root, isText: false, columns);
    }

    private static JsonElement ParseWithNonFinite(string line, JsonException original)
    {
        try
        {
            if (NonFiniteTokens.Quote(line) is { } quoted) return JsonElement.Parse(quoted);
        }
        catch (JsonException)
        {
            // Then what was wrong with the line as it is says more.
        }

        throw new RowException($"the line is no JSON at its byte {original.BytePositionInLine}: \"{Row.Snippet(line)}\". Each line must be one whole JSON object.");
    }

    private static List<RawRow> ReadArray(string first, StreamReader rest, int lineOfFirst, string path, IReadOnlyDictionary<string, string> columns)
    {
        string text = first + "\n" + rest.ReadToEnd();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Utf8JsonReader json = new(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        List<RawRow> rows = [];
        int line = lineOfFirst + 1, counted = 0;
        try
        {
            json.Read();
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                int start = (int)json.TokenStartIndex;
                line += bytes.AsSpan(counted..start).Count((byte)'\n');
                counted = start;
                JsonElement element = JsonElement.ParseValue(ref json);
                (int number, int place) = (rows.Count, line);
                rows.Add(new RawRow(number, place, () => element.ValueKind == JsonValueKind.Object
                    ? new Row(path, place, number, element, isText: false, columns)
                    : throw new RowException($"the row is {Row.Describe(element)}; it must be an object with columns.")));
            }
        }
        catch (JsonException e)
        {
            throw new DataException($"{path}({lineOfFirst + 1 + e.LineNumber}) is no JSON at its byte {e.BytePositionInLine}; a .json file is one array of objects, or one object a line. Correct it there.", e);
        }

        return rows;
    }
}
