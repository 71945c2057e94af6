namespace Leftover.Evaluation.Comparison;

/// <summary>One training of a comparison, measured: a method, a seed and a share of bad completions. Nothing in it is a time.</summary>
public sealed record ComparedCell
{
    /// <summary>A hash of all that it depends on.</summary>
    public required string Key { get; init; }

    /// <summary>The method's label; <c>reference</c> for π_ref, which is trained once and measured with every seed.</summary>
    public required string Method { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The share of the log's completions that were replaced by bad ones.</summary>
    public double Noise { get; init; }

    /// <summary>Steps that were trained.</summary>
    public int Steps { get; init; }

    /// <summary>The step whose weights were measured; null for the reference.</summary>
    public int? Step { get; init; }

    /// <summary>Input tokens that went through the policy in training steps.</summary>
    public long Tokens { get; init; }

    /// <summary>Floating-point operations that the training's matrix products needed.</summary>
    public double Operations { get; init; }

    /// <summary>What validations while training found; none for the reference.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    /// <summary>exp of the mean NLL a token of the held-out better answers; null where there are none.</summary>
    public double? Perplexity { get; init; }

    /// <summary>The replies to the held-out prompts, prompt by prompt.</summary>
    public required IReadOnlyList<ScoredReply> Replies { get; init; }

    /// <summary>A reward's mean over the samples of each prompt; [prompts].</summary>
    public double[] ByPrompt(string reward) => ToPolicy().ByPrompt(reward);

    /// <summary>Each policy's replies with its first seed, where the log is as it is: those that people and judges read.</summary>
    public static IReadOnlyList<PolicyReplies> OfFirstSeed(IEnumerable<ComparedCell> cells) =>
        [.. cells.Where(cell => cell.Noise == 0).GroupBy(cell => cell.Method).Select(method => method.First().ToPolicy())];

    private PolicyReplies ToPolicy() => new() { Name = Method, Seed = Seed, Step = Step, Replies = Replies };
}

/// <summary>What a validation while training found.</summary>
/// <param name="Step">After which step; 0 before the first.</param>
/// <param name="Tokens">Input tokens that were trained on by then.</param>
/// <param name="Score">The mean reward of replies to validation prompts, or whatever else checkpoints are chosen by.</param>
public sealed record CurvePoint(int Step, long Tokens, double Score);

/// <summary>A training of a comparison that came to no end.</summary>
/// <param name="Method">The method's label.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Noise">The share of bad completions.</param>
/// <param name="Error">What happened.</param>
public sealed record FailedCell(string Method, long Seed, double Noise, string Error);
