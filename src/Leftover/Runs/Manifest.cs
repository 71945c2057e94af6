using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>What a folder of results was made of: written last, so that a folder with one is whole.</summary>
public sealed record Manifest
{
    /// <summary>Its name in the folder.</summary>
    public const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n" };

    /// <summary>The stage whose result it is, for example <c>reference</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>The address of the result: a hash of all inputs.</summary>
    public required string Key { get; init; }

    /// <summary>All that the result depends on, by name: hashes of files, options, seed, version. Empty where only the key is known.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>The files of the result and their sizes in bytes.</summary>
    public IReadOnlyDictionary<string, long> Files { get; init; } = new Dictionary<string, long>();

    /// <summary>Other facts about the result.</summary>
    public JsonObject? Notes { get; init; }

    /// <summary>Lists the folder's files and writes the manifest into it.</summary>
    public void Write(string folder)
    {
        SortedDictionary<string, long> files = new(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            if (NameIn(folder, path) is var name and not FileName) files[name] = new FileInfo(path).Length;

        Manifest whole = this with { Files = files, Inputs = new SortedDictionary<string, string>(Inputs.ToDictionary(), StringComparer.Ordinal) };
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(whole, _json) + "\n");
    }

    /// <summary>The manifest of a folder whose files are as it lists them; null where there is none, or a file is missing or cut.</summary>
    public static Manifest? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        Manifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllText(path), _json);
        }
        catch (JsonException)
        {
            return null;
        }

        return manifest?.Files.All(file => new FileInfo(Path.Combine(folder, file.Key)) is { Exists: true } info && info.Length == file.Value) == true ? manifest : null;
    }

    private static string NameIn(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');
}
