using Leftover.Algorithms;

namespace Leftover.Runs;

/// <summary>One policy to train: an algorithm, and where its training differs from the recipe's.</summary>
[Shorthand(nameof(Algorithm))]
public sealed record Method
{
    /// <summary>The name of its folder and its row in reports; unlike every other method's. Default: the algorithm's name.</summary>
    public string? Label { get; init; }

    /// <summary>The algorithm: its <c>name</c> and its hyperparameters, beside the keys above.</summary>
    [Flatten("name", typeof(Algorithm))]
    public required RecipeSection Algorithm { get; init; }

    /// <summary>The training loop for this method; what it does not say is the recipe's <c>training</c>.</summary>
    public TrainingOptions Training { get; init; } = new();
}
