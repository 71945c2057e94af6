using System.Text.Json;
using System.Text.Json.Serialization;

namespace Leftover.Evaluation;

/// <summary>What a run found: <c>report/results.json</c>, for programs. Names are snake_case there.</summary>
public sealed record RunResults
{
    /// <summary>How it is written: snake_case, indented, no number that is not finite.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The layout's version; it grows when a name changes its meaning. Now 1.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The run's name.</summary>
    public required string Name { get; init; }

    /// <summary>The preset behind the recipe: corrected or paper.</summary>
    public required string Preset { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The seeds that each method was trained and measured with, where the figures are of several trainings; null for one run.</summary>
    public IReadOnlyList<long>? Seeds { get; init; }

    /// <summary>The confidence of all intervals here, for example 0.95.</summary>
    public required double Confidence { get; init; }

    /// <summary>Each policy's figures on the held-out prompts; the first is the reference policy.</summary>
    public required IReadOnlyList<MethodResult> Methods { get; init; }

    /// <summary>Each pair of policies, compared prompt by prompt.</summary>
    public required IReadOnlyList<PairedResult> Paired { get; init; }

    /// <summary>Rewards that no training saw, scored on held-out replies alone; no part of <c>total</c>. Null where there are none.</summary>
    public IReadOnlyList<string>? HoldOutRewards { get; init; }

    /// <summary>The rewards of the train set: how they are spread, and what they go along with. Null where they were not looked at.</summary>
    public IReadOnlyList<RewardProfile>? TrainRewards { get; init; }

    /// <summary>How the value head does on prompts it was not trained on, beside a constant; null without a head.</summary>
    public ValueHeadResult? ValueHead { get; init; }

    /// <summary>Each method against the reference policy, as the recipe's judge sees their replies; null where it names none.</summary>
    public IReadOnlyList<JudgedResult>? Judged { get; init; }

    /// <summary>Versions of what computed this: leftover, dotnet, instructions.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Hashes of what went in: recipe, data, model, tokenizer.</summary>
    public required IReadOnlyDictionary<string, string> Hashes { get; init; }

    /// <summary>What the reader should know before believing the figures, in plain words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>One policy on the held-out prompts.</summary>
public sealed record MethodResult
{
    /// <summary>The method's label; <c>reference</c> for π_ref.</summary>
    public required string Name { get; init; }

    /// <summary>The seed it was trained with.</summary>
    public required long Seed { get; init; }

    /// <summary>Each reward of its replies, and <c>total</c>, the combined one: the mean over prompts with its interval.</summary>
    public required IReadOnlyDictionary<string, Estimate> Rewards { get; init; }

    /// <summary>KL(π_θ ‖ π_ref) estimated from its replies: mean over replies of ln π_θ(y|x) − ln π_ref(y|x) (k1), in nats; 0 for the reference.</summary>
    public required double Kl { get; init; }

    /// <summary>The same by k3, token by token and summed: never negative.</summary>
    public double? KlK3 { get; init; }

    /// <summary>The same by k2, token by token and summed: half the squared log-ratios; biased, never negative.</summary>
    public double? KlK2 { get; init; }

    /// <summary>Mean length of its replies, in tokens.</summary>
    public required double Length { get; init; }

    /// <summary>Held-out prompts it answered.</summary>
    public required int Prompts { get; init; }

    /// <summary>Replies to each prompt.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Distinct n-grams over all n-grams of its replies, by n.</summary>
    public IReadOnlyDictionary<string, double>? Distinct { get; init; }

    /// <summary>Self-BLEU-4 of all its replies, in [0, 1]: how much each says what the others say. Null of fewer than two.</summary>
    public double? SelfBleu { get; init; }

    /// <summary>The same among the replies to one prompt, averaged over prompts; null with one reply a prompt.</summary>
    public double? SelfBleuByPrompt { get; init; }

    /// <summary>exp of the mean NLL a token of the held-out better answers; null where there are none.</summary>
    public double? Perplexity { get; init; }

    /// <summary>Share of held-out pairs in which the better-scored answer is the likelier one (sum of ln π over its tokens); null without pairs.</summary>
    public Estimate? PairAccuracy { get; init; }

    /// <summary>The same with ln π a token.</summary>
    public Estimate? PairAccuracyPerToken { get; init; }

    /// <summary>Shares of replies that are empty, repeat themselves, or were cut at the length limit.</summary>
    public IReadOnlyDictionary<string, double>? Degenerate { get; init; }

    /// <summary>The training step whose weights these are; null for the reference.</summary>
    public int? Step { get; init; }

    /// <summary>What it made of the log, and its importance weights; null for the reference.</summary>
    public MethodDiagnostics? Diagnostics { get; init; }
}

/// <summary>A value head on prompts it was not trained on.</summary>
/// <param name="TestPrompts">How many prompts tested it.</param>
/// <param name="Mse">Its mean squared error there, in reward units squared.</param>
/// <param name="ConstantMse">A constant's on the same prompts.</param>
/// <param name="BeatsConstant">It is better by more than one standard error.</param>
/// <param name="UsesConstant">The constant stands for V.</param>
public sealed record ValueHeadResult(int TestPrompts, double Mse, double ConstantMse, bool BeatsConstant, bool UsesConstant);

/// <summary>A mean with its interval.</summary>
public readonly record struct Estimate(double Mean, double Low, double High);

/// <summary>Two policies on the same prompts: the mean of a's reward minus b's, its bootstrap interval, and the sign-flip permutation test's two-sided p.</summary>
public sealed record PairedResult(string A, string B, string Reward, double Difference, double Low, double High, double P)
{
    /// <summary>Whose replies earn more; null where it was not counted.</summary>
    public WinRateResult? WinRate { get; init; }
}

/// <summary>Replies of two policies to the same prompts, each of one policy held against each of the other: who earns more.</summary>
/// <param name="Wins">Comparisons that a won.</param>
/// <param name="Ties">Comparisons with equal rewards.</param>
/// <param name="Losses">Comparisons that b won.</param>
/// <param name="Rate">a's win rate in [0, 1]: the mean over prompts, a tie as half a win.</param>
/// <param name="Low">The lower end of its bootstrap interval over prompts.</param>
/// <param name="High">The upper end.</param>
public sealed record WinRateResult(int Wins, int Ties, int Losses, double Rate, double Low, double High);
