namespace Leftover.Batches;

/// <summary>What is known of the tokens of completions that the policy in training wrote itself, end to end.</summary>
public sealed record RolloutTokens
{
    /// <summary>ln π of each token under the policy that wrote it, in nats; [N].</summary>
    public required float[] OldLogProbs { get; init; }

    /// <summary>Each token's own advantage; [N]. Empty where a completion has one for all its tokens.</summary>
    public float[] Advantages { get; init; } = [];

    /// <summary>What each token's value is to become; [N]. Empty without a value head.</summary>
    public float[] Returns { get; init; } = [];

    /// <summary>Each token's value when it was written; [N]. Empty without a value head.</summary>
    public float[] OldValues { get; init; } = [];

    /// <summary>Several completions' tokens, one after another.</summary>
    internal static RolloutTokens Join(IReadOnlyList<RolloutTokens> parts) => new()
    {
        OldLogProbs = [.. parts.SelectMany(part => part.OldLogProbs)],
        Advantages = [.. parts.SelectMany(part => part.Advantages)],
        Returns = [.. parts.SelectMany(part => part.Returns)],
        OldValues = [.. parts.SelectMany(part => part.OldValues)],
    };
}
