namespace Leftover.Advantages;

/// <summary>A training row with its final reward, before anything is known of its value.</summary>
/// <param name="Id">The row's name, unique in its set.</param>
/// <param name="File">The file that it was read from.</param>
/// <param name="Line">Its 1-based line there.</param>
/// <param name="Prompt">The number of its prompt among the distinct prompts of the set, from 0.</param>
/// <param name="Reward">R(x, y), all its rewards in one; finite.</param>
public sealed record ScoredRow(string Id, string File, int Line, int Prompt, double Reward)
{
    /// <summary>Where the row comes from, for breakdowns; null where nothing says so.</summary>
    public string? Source { get; init; }

    /// <summary>How much the row counts; ≥ 0, and 0 leaves it out. Default 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>True for an answer that its own data calls worse than another to the same prompt; only <c>all_priority</c> draws such rows.</summary>
    public bool IsWorse { get; init; }
}
