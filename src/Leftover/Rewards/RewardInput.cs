namespace Leftover.Rewards;

/// <summary>What a reward sees of one row.</summary>
/// <param name="Prompt">The prompt as plain text.</param>
/// <param name="Completion">The completion as plain text.</param>
/// <param name="Columns">The rewards that the data itself holds, by name.</param>
public sealed record RewardInput(string Prompt, string Completion, IReadOnlyDictionary<string, double> Columns)
{
    /// <summary>The completion's length in tokens; null where it was not tokenised.</summary>
    public int? CompletionTokens { get; init; }

    /// <summary>The row's name in messages; null for its number. No score depends on it.</summary>
    public string? Id { get; init; }

    /// <summary>The row's columns of text that a reward asks for (<see cref="RewardSource.ReadColumns"/>), by name.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = s_noTexts;

    private static readonly IReadOnlyDictionary<string, string> s_noTexts = new Dictionary<string, string>();

    /// <summary>The row in a message.</summary>
    /// <param name="number">Its number, for a row without a name.</param>
    internal string Place(int number) => $"row {Id ?? number.ToString()} (completion {Text.TextUnits.Excerpt(Completion)})";
}
