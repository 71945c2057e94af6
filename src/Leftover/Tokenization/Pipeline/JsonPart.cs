using System.Text.Json;
using System.Text.Json.Nodes;
using Leftover.Data;

namespace Leftover.Tokenization.Pipeline;

/// <summary>A value in a JSON file that knows its place, so that what is wrong with it can be said.</summary>
internal readonly struct JsonPart
{
    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;

    private JsonPart(JsonElement element, string file, string path) => (_element, _file, _path) = (element, file, path);

    /// <summary>Parses a file's text.</summary>
    /// <exception cref="DataException">It is not JSON, or its top is no object.</exception>
    public static JsonPart Parse(string json, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 });
            var top = new JsonPart(document.RootElement.Clone(), file, "");
            if (top._element.ValueKind != JsonValueKind.Object) throw top.Wrong("an object");
            return top;
        }
        catch (JsonException error)
        {
            throw new DataException($"{file}({error.LineNumber + 1}): not valid JSON: {error.Message} The file may be cut off; copy or download it again.", error);
        }
    }

    public bool IsNull => _element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    public bool IsString => _element.ValueKind == JsonValueKind.String;

    public bool IsNumber => _element.ValueKind == JsonValueKind.Number;

    /// <summary>A property of this object; null (see <see cref="IsNull"/>) where there is none.</summary>
    public JsonPart this[string name]
    {
        get
        {
            if (!IsObject) throw Wrong("an object");
            string path = _path.Length == 0 ? name : $"{_path}.{name}";
            return new JsonPart(_element.TryGetProperty(name, out JsonElement value) ? value : default, _file, path);
        }
    }

    public IEnumerable<JsonPart> Items()
    {
        if (!IsArray) throw Wrong("an array");
        int index = 0;
        foreach (JsonElement item in _element.EnumerateArray()) yield return new JsonPart(item, _file, $"{_path}[{index++}]");
    }

    public IEnumerable<(string Name, JsonPart Value)> Properties()
    {
        if (!IsObject) throw Wrong("an object");
        foreach (JsonProperty property in _element.EnumerateObject())
            yield return (NameOf(property), new JsonPart(property.Value, _file, $"{_path}.*"));
    }

    public string Text()
    {
        if (!IsString) throw Wrong("a string");
        try
        {
            return _element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw Error("holds broken UTF-16 (half of a surrogate pair)", error);
        }
    }

    public string? TextOrNull() => IsNull ? null : Text();

    public bool Flag(bool whenMissing) => _element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => whenMissing,
        _ => throw Wrong("true or false"),
    };

    /// <summary>A token id.</summary>
    public int Id()
    {
        if (IsNumber && _element.TryGetInt32(out int id) && id is >= 0 and <= Vocabulary.HighestId) return id;
        throw Wrong($"a token id from 0 to {Vocabulary.HighestId}");
    }

    public double Number() => IsNumber && _element.TryGetDouble(out double value) ? value : throw Wrong("a number");

    /// <summary>A number of things.</summary>
    public int Count() => IsNumber && _element.TryGetInt32(out int count) && count >= 0 ? count : throw Wrong("a whole number from 0");

    /// <summary>A copy of this value.</summary>
    public JsonObject Copy()
    {
        if (!IsObject) throw Wrong("an object");
        JsonObject copy = JsonObject.Create(_element)!;
        try
        {
            _ = copy.Count;          // it is read only now
            return copy;
        }
        catch (ArgumentException error)
        {
            throw Error("has a name twice", error);
        }
        catch (InvalidOperationException error)
        {
            throw Error("holds a name in broken UTF-16 (half of a surrogate pair)", error);
        }
    }

    /// <summary>An error that says what is here and what was needed.</summary>
    public DataException Wrong(string needed) => Error($"is {Shown()}; it must be {needed}");

    /// <summary>An error about this place.</summary>
    public DataException Error(string what, Exception? inner = null)
    {
        string message = $"{_file}: {(_path.Length == 0 ? "the top" : $"'{_path}'")} {what}.";
        return inner is null ? new DataException(message) : new DataException(message, inner);
    }

    private string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw Error("holds a name in broken UTF-16 (half of a surrogate pair)", error);
        }
    }

    private string Shown()
    {
        if (_element.ValueKind == JsonValueKind.Undefined) return "missing";
        string text = _element.GetRawText();
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}
