using System.Globalization;
using System.Text.Json;

namespace Leftover.Data;

/// <summary>One row of a file, with its columns under the names that this library gives them.</summary>
/// <param name="file">The file, for messages and examples.</param>
/// <param name="line">The 1-based line on which the row begins.</param>
/// <param name="number">The row's 0-based number: its line in JSON lines, its record after the header in CSV.</param>
/// <param name="root">An object.</param>
/// <param name="isText">True where every value is a text, as in CSV.</param>
/// <param name="columns">The file's own names of columns.</param>
internal sealed class Row(string file, int line, int number, JsonElement root, bool isText, IReadOnlyDictionary<string, string> columns)
{
    public string File => file;

    public int Line => line;

    public int Number => number;

    /// <summary>The row's own names of its columns.</summary>
    public IEnumerable<string> Names => root.EnumerateObject().Select(p => p.Name);

    /// <summary>What this file calls a column, for messages.</summary>
    public string NameOf(string column) => columns.GetValueOrDefault(column, column);

    /// <summary>True where the column is there and not null.</summary>
    public bool Has(string column) => Find(column) is { ValueKind: not JsonValueKind.Null };

    /// <summary>The column's value; null where it is missing or null. In CSV an empty cell is missing, and a cell may hold JSON in brackets.</summary>
    public JsonElement? Find(string column)
    {
        if (!TryFind(NameOf(column), out JsonElement value)) return null;
        if (!isText) return value;
        string text = value.GetString()!;
        return text.Length == 0 ? null : text[0] is '[' or '{' && TryParse(text, out JsonElement inner) ? inner : value;
    }

    /// <summary>The column's text.</summary>
    /// <exception cref="RowException">It is missing, or no text.</exception>
    public string Text(string column)
    {
        JsonElement value = Required(column, "a text");
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : Raw(column) ?? throw WrongType(NameOf(column), value, "a text");
    }

    /// <summary>The column's text, or null where it is missing. Numbers are taken as they are written.</summary>
    public string? OptionalText(string column) => Find(column) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        { } value => throw WrongType(NameOf(column), value, "a text"),
    };

    /// <summary>The column's finite number, or null where it is missing.</summary>
    public double? OptionalNumber(string column) => Has(column) ? AsNumber(NameOf(column), Find(column)!.Value) : null;

    /// <summary>The column's value, whatever it is.</summary>
    /// <exception cref="RowException">It is missing or null.</exception>
    public JsonElement Required(string column, string wanted)
    {
        string name = NameOf(column);
        return Find(column) switch
        {
            null when isText && TryFind(name, out _) => throw new RowException($"'{name}' is empty; it must be {wanted}."),
            null => throw new RowException($"'{name}' is missing; it must be {wanted}. The row has {Listing(Names)}."),
            { ValueKind: JsonValueKind.Null } => throw new RowException($"'{name}' is null; it must be {wanted}."),
            { } value => value,
        };
    }

    /// <summary>A finite number, also where it is written as a text.</summary>
    /// <exception cref="RowException">It is none.</exception>
    public static double AsNumber(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)) return number;
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : null;
        if (text is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
        {
            if (double.IsFinite(number)) return number;
            throw new RowException($"'{name}' is {text}; it must be a finite number.");
        }

        throw WrongType(name, value, "a finite number");
    }

    public static RowException WrongType(string name, JsonElement value, string wanted) => new($"'{name}' is {Describe(value)}; it must be {wanted}.");

    /// <summary>A value in an error.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {value.GetArrayLength()}",
        JsonValueKind.String => $"the text \"{Snippet(value.GetString()!)}\"",
        _ => value.GetRawText(),
    };

    /// <summary>The beginning of a text.</summary>
    public static string Snippet(string text)
    {
        string line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= 40 ? line : line[..(char.IsHighSurrogate(line[38]) ? 38 : 39)] + "…";
    }

    public static string Listing(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'")) is { Length: > 0 } list ? list : "no columns";

    private string? Raw(string column) => isText && TryFind(NameOf(column), out JsonElement value) ? value.GetString() : null;

    private bool TryFind(string name, out JsonElement value)
    {
        if (root.TryGetProperty(name, out value)) return true;
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || isText) return false;
        value = root;
        foreach (string part in name.Split('.'))
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value)) return false;
        return true;
    }

    private static bool TryParse(string text, out JsonElement value)
    {
        try
        {
            value = JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }
}
