using System.Text.Json;
using Leftover.Runs;

namespace Leftover.Data;

/// <summary>The lines that a file's filters leave out.</summary>
internal static class LineFilters
{
    /// <summary>0-based numbers of the lines to leave out.</summary>
    /// <exception cref="DataException">A file of numbers is missing or holds something else.</exception>
    public static HashSet<int> Excluded(DataSource source)
    {
        HashSet<int> lines = [];
        foreach (LineFilter filter in source.Lines)
        {
            lines.UnionWith(filter.Exclude);
            if (filter.ExcludeFile is { } file) lines.UnionWith(Read(file, filter.ExcludeKey ?? Path.GetFileName(source.Path)));
        }

        return lines;
    }

    private static List<int> Read(string file, string key)
    {
        MissingFile.ThrowIfMissing(file, "a list of line numbers");
        JsonElement root;
        try
        {
            root = JsonElement.Parse(File.ReadAllText(file));
        }
        catch (JsonException e)
        {
            throw new DataException($"{file}({(e.LineNumber ?? 0) + 1}) is no JSON at its byte {e.BytePositionInLine}; it must be a list of line numbers, or one such list a file name.", e);
        }

        if (root.ValueKind == JsonValueKind.Object)
        {
            string[] keys = [.. root.EnumerateObject().Select(p => p.Name)];
            string stem = RowFile.Stem(key);
            string? match = keys.FirstOrDefault(k => k == key) ?? keys.FirstOrDefault(k => RowFile.Stem(k) == stem);
            if (match is null) throw new DataException($"{file} has no list '{stem}'{Spelling.Hint(stem, keys.Select(RowFile.Stem))} It has {string.Join(", ", keys)}. Name one with exclude_key.");
            root = root.GetProperty(match);
        }

        if (root.ValueKind != JsonValueKind.Array || root.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.Number || !n.TryGetInt32(out int line) || line < 0))
            throw new DataException($"{file} is no list of 0-based line numbers, for example [25, 45].");
        return [.. root.EnumerateArray().Select(n => n.GetInt32())];
    }
}
