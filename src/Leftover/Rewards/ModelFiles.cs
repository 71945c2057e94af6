namespace Leftover.Rewards;

/// <summary>The files of a model's folder that scores depend on.</summary>
internal static class ModelFiles
{
    private static readonly string[] s_parts = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "tokenizer.model"];

    /// <summary>Their paths, in ordinal order; none where there is no such folder, which loading tells.</summary>
    public static IReadOnlyList<string> Of(string folder) => !Directory.Exists(folder) ? []
        : [.. s_parts.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
