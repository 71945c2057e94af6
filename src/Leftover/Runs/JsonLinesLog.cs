using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>A file of JSON objects, one a line, each with its <c>step</c>: what a run appends to and a killed run leaves readable.</summary>
/// <remarks>
/// A line goes to the system whole, in one write, before <see cref="Append"/> returns. What a kill may leave is a torn last line, which the next
/// opening takes away. One process at a time may write: a run's folder sees to that (<see cref="RunFolder"/>). The same steps and values give the same bytes: no clock is in them.
/// </remarks>
public sealed class JsonLinesLog : IDisposable
{
    private static readonly JsonSerializerOptions _compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _path;
    private FileStream _file;

    /// <summary>Opens the file, or creates it; its folder is created too.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public JsonLinesLog(string path)
    {
        _path = path;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (File.Exists(path)) Keep(_ => true);
        _file = Open(path);
    }

    /// <summary>Writes one line.</summary>
    /// <param name="line">An object; its <c>step</c> is what <see cref="RewindTo"/> goes by.</param>
    public void Append(JsonObject line)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = _compact.Encoder })) line.WriteTo(json, _compact);
        bytes.WriteByte((byte)'\n');
        _file.Write(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        _file.Flush();
    }

    /// <summary>Takes away the lines of later steps: the run goes on after this one. −1 takes all.</summary>
    public void RewindTo(int step)
    {
        _file.Dispose();
        Keep(line => StepOf(line) <= step);
        _file = Open(_path);
    }

    /// <summary>The lines of a file that are whole, one after another; none where there is no file. A run that is still writing it is not disturbed.</summary>
    public static IEnumerable<JsonObject> Read(string path)
    {
        if (!File.Exists(path)) yield break;
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using StreamReader reader = new(file);
        while (reader.ReadLine() is { } line)
            if (Parse(line) is { } json) yield return json;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path) => new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>Writes the file anew with the lines that are whole and wanted, where that is not all of it.</summary>
    private void Keep(Func<JsonObject, bool> isWanted)
    {
        string text = File.ReadAllText(_path);
        string[] lines = text.Split('\n');
        IEnumerable<string> whole = lines.SkipLast(1);      // what follows the last line break is nothing, or torn
        string kept = string.Concat(whole.Where(line => Parse(line) is { } json && isWanted(json)).Select(line => line + "\n"));
        if (kept != text) AtomicFile.WriteAllText(_path, kept);
    }

    private static long StepOf(JsonObject line) => line["step"] is JsonValue value && value.TryGetValue(out long step) ? step : -1;

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
