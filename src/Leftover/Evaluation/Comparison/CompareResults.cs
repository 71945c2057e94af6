using System.Text.Json.Serialization;
using Leftover.Evaluation.Statistics;

namespace Leftover.Evaluation.Comparison;

/// <summary>What a comparison found: <c>report/compare.json</c>, for programs. Names are snake_case there, written as <see cref="RunResults.Json"/> says.</summary>
public sealed record CompareResults
{
    /// <summary>The layout's version; it grows when a name changes its meaning. Now 1.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Each policy over all seeds, and each pair of policies on the same prompts. Intervals are of a bootstrap over prompts and seeds.</summary>
    public required RunResults Results { get; init; }

    /// <summary>What the figures say, in plain words; the first sentence is the one to read.</summary>
    public IReadOnlyList<string> Verdict { get; init; } = [];

    /// <summary>What each training was given to spend, in words.</summary>
    public required string Budget { get; init; }

    /// <summary>The reward that ranks the policies; null where there is none.</summary>
    public string? RankingReward { get; init; }

    /// <summary>Each policy's spread over seeds and what its trainings cost.</summary>
    public required IReadOnlyList<PolicySpread> Spreads { get; init; }

    /// <summary>Each pair of policies, in more ways than <see cref="RunResults.Paired"/> has.</summary>
    public required IReadOnlyList<PairSpread> Pairs { get; init; }

    /// <summary>Each training's own figures.</summary>
    public required IReadOnlyList<CellResult> Cells { get; init; }

    /// <summary>Each method's learning curve over its seeds.</summary>
    public required IReadOnlyList<LearningCurve> Curves { get; init; }

    /// <summary>How rewards go together over all replies, and with length.</summary>
    public required IReadOnlyList<RewardCorrelation> Correlations { get; init; }

    /// <summary>How methods fare where completions are replaced by bad ones; empty where that was not asked.</summary>
    public IReadOnlyList<NoiseResult> Noise { get; init; } = [];

    /// <summary>How far one method's fall at the highest share is from the least of the others; null without <see cref="Noise"/>.</summary>
    public FallGap? NoiseGap { get; init; }

    /// <summary>Trainings that failed; the same command tries them again.</summary>
    public IReadOnlyList<FailedCell> Failed { get; init; } = [];

    /// <summary>How to make all this again.</summary>
    public string Command => "leftover compare RECIPE.yaml, where RECIPE.yaml is the recipe below";
}

/// <summary>A policy over its seeds.</summary>
/// <param name="Name">The method's label.</param>
/// <param name="Seeds">How many trainings there are.</param>
/// <param name="InterquartileMean">Of the ranking reward over all seeds and prompts, with a bootstrap interval that draws the seeds of each prompt anew.</param>
/// <param name="SeedDeviation">The standard deviation over seeds of the mean ranking reward; null with one seed.</param>
/// <param name="Steps">Mean steps of a training.</param>
/// <param name="Tokens">Mean input tokens of a training.</param>
/// <param name="Operations">Mean floating-point operations that a training's matrix products needed.</param>
public sealed record PolicySpread(string Name, int Seeds, Estimate? InterquartileMean, double? SeedDeviation, double Steps, double Tokens, double Operations);

/// <summary>Two policies on the same prompts with the same seeds; a's advantage is positive.</summary>
/// <param name="A">The one.</param>
/// <param name="B">The other.</param>
/// <param name="Reward">The reward.</param>
/// <param name="Compared">How far apart, how surely.</param>
/// <param name="HolmP">Its p, corrected for all comparisons by that reward.</param>
public sealed record PairSpread(string A, string B, string Reward, SeededComparison Compared, double HolmP)
{
    /// <summary>The same in a run's terms.</summary>
    [JsonIgnore]
    public PairedResult Paired => new(A, B, Reward, Compared.Difference.Estimate, Compared.Difference.Low, Compared.Difference.High, Compared.P);
}

/// <summary>One training's figures.</summary>
public sealed record CellResult(
    string Method, long Seed, double Noise, IReadOnlyDictionary<string, double> Rewards, double Kl, double KlK3, double Length, int Steps, int? Step, long Tokens, double Operations);

/// <summary>A method's reward on validation prompts while it was trained.</summary>
/// <param name="Name">The method's label.</param>
/// <param name="Points">From the start to the end of training.</param>
public sealed record LearningCurve(string Name, IReadOnlyList<CurveBand> Points);

/// <summary>A point of a learning curve: the mean over seeds, and the lowest and highest of them.</summary>
public readonly record struct CurveBand(double Tokens, double Mean, double Low, double High);

/// <summary>How two figures of a reply go together.</summary>
/// <param name="A">A reward, or <c>length</c>.</param>
/// <param name="B">Another.</param>
/// <param name="Pearson">Pearson's r over all replies; null where one of the two does not vary.</param>
/// <param name="Spearman">The same of the ranks.</param>
public sealed record RewardCorrelation(string A, string B, double? Pearson, double? Spearman);

/// <summary>A method at one share of bad completions.</summary>
/// <param name="Name">The method's label.</param>
/// <param name="Noise">The share.</param>
/// <param name="Reward">Its ranking reward.</param>
/// <param name="Fall">What it earns less than with the log as it is, on the same prompts.</param>
public sealed record NoiseResult(string Name, double Noise, Estimate Reward, Estimate Fall);

/// <summary>How much more a method falls than another at the highest share of bad completions.</summary>
/// <param name="Subject">The method that is asked about.</param>
/// <param name="Rival">The one that falls least of the others.</param>
/// <param name="Difference">The rival's fall minus the subject's, prompt by prompt: positive where the subject falls less.</param>
public sealed record FallGap(string Subject, string Rival, Estimate Difference);
