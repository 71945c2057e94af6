namespace Leftover.Runs;

/// <summary>What an unknown key was meant to be.</summary>
internal static class ConfigHints
{
    /// <summary>The end of the sentence "… is unknown": the nearest key here, or the same key elsewhere in the recipe, or all keys.</summary>
    /// <param name="key">The unknown key.</param>
    /// <param name="path">The section it stands in; empty at the top.</param>
    /// <param name="known">The section's own keys.</param>
    public static string For(string key, string path, IReadOnlyCollection<string> known)
    {
        string? elsewhere = RecipeFlags.KeyOf(key) ?? ConfigSchema.AllKeys(typeof(Recipe)).FirstOrDefault(k => k.Split('.')[^1] == key && !k.StartsWith("evaluation.judge.", StringComparison.Ordinal));
        if (elsewhere is not null && elsewhere != (path.Length == 0 ? key : $"{path}.{key}")) return $" here; did you mean '{elsewhere}'?";
        return Spelling.Closest(key, known) is { } near ? $"; did you mean '{near}'?" : $". Known: {string.Join(", ", known)}.";
    }
}
