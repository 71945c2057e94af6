namespace Leftover.Evaluation;

/// <summary>One policy's replies to the held-out prompts, scored.</summary>
public sealed record PolicyReplies
{
    /// <summary>The method's label.</summary>
    public required string Name { get; init; }

    /// <summary>The seed it was trained with.</summary>
    public required long Seed { get; init; }

    /// <summary>The replies, prompt by prompt; each prompt has the same number of samples, one after another.</summary>
    public required IReadOnlyList<ScoredReply> Replies { get; init; }

    /// <summary>The training step whose weights these are; null for the reference.</summary>
    public int? Step { get; init; }

    /// <summary>A reward's mean over the samples of each prompt; [prompts].</summary>
    /// <param name="reward">Its name, or <c>total</c>.</param>
    public double[] ByPrompt(string reward) =>
        [.. Replies.GroupBy(reply => reply.Prompt).OrderBy(group => group.Key).Select(group => group.Average(reply => reply.Rewards[reward]))];
}

/// <summary>A reply and what it earned.</summary>
/// <param name="Prompt">The number of its held-out prompt.</param>
/// <param name="PromptText">The prompt.</param>
/// <param name="Text">The reply's text.</param>
/// <param name="Tokens">Its length in tokens, the end token counted.</param>
/// <param name="Rewards">Each reward, and <c>total</c>.</param>
/// <param name="LogProb">ln π_θ(y|x), in nats.</param>
/// <param name="ReferenceLogProb">ln π_ref(y|x).</param>
/// <param name="KlK3">Σ over tokens of k3.</param>
/// <param name="Cut">True where the length limit ended it.</param>
public sealed record ScoredReply(
    int Prompt, string PromptText, string Text, int Tokens, IReadOnlyDictionary<string, double> Rewards,
    double LogProb, double ReferenceLogProb, double KlK3, bool Cut)
{
    /// <summary>Σ over tokens of k2; null where it was not measured.</summary>
    public double? KlK2 { get; init; }
}
