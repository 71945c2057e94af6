using Leftover.Runs;

namespace Leftover.Data;

/// <summary>The names that columns have here; a file's own names are given against them.</summary>
internal static class ColumnNames
{
    private const string RewardPrefix = "rewards.";

    /// <summary>All of them, but for <c>rewards.NAME</c>.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "prompt", "messages", "completion", "completions", "reward", "rewards", "ranks", "label", "chosen", "rejected", "chosen_reward", "rejected_reward",
        "chosen_score", "rejected_score", "score_chosen", "score_rejected", "reward_chosen", "reward_rejected", "prefix", "suffix", "sft_index",
        "instruction", "input", "output", "system", "conversations", "text", "id", "weight", "source", "propensity", "group",
    ];

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? Problem(string name) =>
        All.Contains(name) || (name.StartsWith(RewardPrefix, StringComparison.Ordinal) && name.Length > RewardPrefix.Length) ? null
        : Spelling.Closest(name, All) is { } near ? $"is no column that is read; did you mean '{near}'?"
        : $"is no column that is read. Known: {string.Join(", ", All)}, rewards.NAME.";
}
