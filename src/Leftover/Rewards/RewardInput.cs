namespace Leftover.Rewards;

/// <summary>What a reward sees of one row.</summary>
/// <param name="Prompt">The prompt as plain text.</param>
/// <param name="Completion">The completion as plain text.</param>
/// <param name="Columns">The rewards that the data itself holds, by name.</param>
public sealed record RewardInput(string Prompt, string Completion, IReadOnlyDictionary<string, double> Columns)
{
    /// <summary>The completion's length in tokens; null where it was not tokenised.</summary>
    public int? CompletionTokens { get; init; }
}
