using System.IO.Compression;
using System.Text.Json;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Tokenization;

/// <summary>Golden JSON files, gzipped or not.</summary>
internal static class GoldenFiles
{
    public static string Folder { get; } = Path.Combine(SharedData.Golden, "tokenizers");

    public static JsonElement Read(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    public static int[] Ids(JsonElement element) => [.. element.EnumerateArray().Select(id => id.GetInt32())];

    /// <summary>A golden string; a property that is missing gives null.</summary>
    public static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    /// <summary>The text with what cannot be printed escaped, for messages.</summary>
    public static string Show(string? text) => text is null ? "null" : JsonSerializer.Serialize(text.Length > 200 ? text[..200] + "…" : text);
}
