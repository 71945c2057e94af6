namespace Leftover.Runs;

/// <summary>Paths given on the command line start at the working folder, not at the recipe's.</summary>
internal static class WorkingFolderPaths
{
    private static readonly HashSet<string> _keys =
    [
        "model", "model.path", "model.tokenizer", "model.reference", "output", "cache", "data.train", "data.validation", "data.held_out",
    ];

    /// <summary>The value with its relative paths made whole, where its key holds paths.</summary>
    public static ConfigNode Resolve(string key, ConfigNode value) => _keys.Contains(ConfigSchema.Normalize(key)) ? Resolve(value) : value;

    private static ConfigNode Resolve(ConfigNode value) => value switch
    {
        ConfigScalar { Text: { } text } scalar => scalar with { Text = Path.GetFullPath(text) },
        ConfigList list => list with { Items = [.. list.Items.Select(Resolve)] },
        ConfigMap map when map["path"] is { } path => map.With("path", Resolve(path)),
        _ => value,
    };
}
