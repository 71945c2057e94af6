using System.ComponentModel.DataAnnotations;
using Leftover.Models.Classification;

namespace Leftover.Runs;

/// <summary>What a reward model learns; how its training loop runs is the recipe's <c>training</c>, what it reads of a text its <c>truncation</c> and <c>template</c>.</summary>
public sealed record RewardModelOptions
{
    /// <summary>What is learnt. Default auto: preferences where rows give pairs, else classes where they have labels, else the recorded reward.</summary>
    public RewardTask Task { get; init; } = RewardTask.Auto;

    /// <summary>The classes, in the order of the model's labels. Default: those of the train set, numbers by value and names by letter.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>For regression: which recorded reward is learnt. Default: the only one there is.</summary>
    public string? Reward { get; init; }

    /// <summary>For regression: what is made small. Default the squared error.</summary>
    public RegressionLoss Loss { get; init; } = RegressionLoss.SquaredError;

    /// <summary>For preferences: true asks the chosen answer to score higher by as much as its recorded reward is higher. Default false.</summary>
    public bool Margin { get; init; }

    /// <summary>For preferences: weight of the squared sum of a pair's scores, which keeps them around 0; ≥ 0, and 0.01 is usual. Default 0.</summary>
    [Range(0.0, double.MaxValue)]
    public double Centering { get; init; }

    /// <summary>Which states the head sees. Default: what the model's folder says.</summary>
    public Pooling Pooling { get; init; } = Pooling.Auto;
}

/// <summary>What a reward model learns.</summary>
public enum RewardTask
{
    /// <summary>What the rows are fit for.</summary>
    Auto,

    /// <summary>The class of a text, out of a column of labels.</summary>
    Classification,

    /// <summary>The value of a text, out of a column of numbers.</summary>
    Regression,

    /// <summary>Which of two answers is better.</summary>
    Preference,
}

/// <summary>What a regression makes small.</summary>
public enum RegressionLoss
{
    /// <summary>(score − target)².</summary>
    SquaredError,

    /// <summary>(σ(score) − target)², for targets in [0, 1]: the score is a logit.</summary>
    SigmoidSquaredError,

    /// <summary>−target·ln σ(score) − (1 − target)·ln σ(−score), for targets in [0, 1]: the score is a logit.</summary>
    CrossEntropy,
}
