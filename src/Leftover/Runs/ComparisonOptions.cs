using System.ComponentModel.DataAnnotations;

namespace Leftover.Runs;

/// <summary>A comparison: every method of the recipe with every seed, on the same data, reference, values and rewards, each with the same budget.</summary>
public sealed record ComparisonOptions
{
    /// <summary>The seeds of the trainings and of the replies they are measured by, a training a method and seed; at least one. Default 1, 2, 3.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [1, 2, 3];

    /// <summary>What each training may spend. Default: what <c>training</c> says, the same for all.</summary>
    public ComparisonBudget Budget { get; init; } = new();

    /// <summary>Evaluations on validation prompts in each training, evenly spread: the points of the learning curves; ≥ 0. Default 4.</summary>
    [Range(0, 10_000)]
    public int Validations { get; init; } = 4;

    /// <summary>
    /// Shares of the log's completions that are replaced by bad ones, those with the lowest rewards; each in [0, 1). The whole comparison is made for
    /// each, the reference policy included. Default none: the log as it is.
    /// </summary>
    public IReadOnlyList<double> Noise { get; init; } = [];

    /// <summary>True keeps the model of every training, false deletes it when it is measured; <c>leftover run</c> with <c>training.seed</c> makes it again. Default false.</summary>
    public bool KeepModels { get; init; }
}

/// <summary>What each training of a comparison may spend; one of the three.</summary>
public sealed record ComparisonBudget
{
    /// <summary>Input tokens that go through the policy in training steps; ≥ 1.</summary>
    [Range(1, long.MaxValue)]
    public long? Tokens { get; init; }

    /// <summary>Minutes of training: each method's speed is measured once, kept in the run folder, and makes a number of steps; > 0.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double? Minutes { get; init; }

    /// <summary>Optimizer steps; ≥ 1.</summary>
    [Range(1, int.MaxValue)]
    public int? Steps { get; init; }
}
