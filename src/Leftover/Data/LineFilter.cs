using Leftover.Runs;

namespace Leftover.Data;

/// <summary>Lines of a file that are left out, by 0-based number (records after the header in CSV).</summary>
public sealed record LineFilter
{
    /// <summary>A JSON file with a list of numbers, or with one list a file name: {"helpful_base": [25, 45]}. Relative to the recipe's folder. Default none.</summary>
    [RecipePath]
    public string? ExcludeFile { get; init; }

    /// <summary>Which list of <see cref="ExcludeFile"/>; endings such as .json do not matter. Default: the data file's own name.</summary>
    public string? ExcludeKey { get; init; }

    /// <summary>Numbers given in place. Default none.</summary>
    public IReadOnlyList<int> Exclude { get; init; } = [];
}
