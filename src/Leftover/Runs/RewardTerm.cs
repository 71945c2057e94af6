using Leftover.Rewards;

namespace Leftover.Runs;

/// <summary>One reward of a recipe's list: what it is, and its part in the sum.</summary>
[Shorthand(nameof(Reward))]
public sealed record RewardTerm
{
    /// <summary>The name it is stored and reported under. Default: its type.</summary>
    public string? Name { get; init; }

    /// <summary>Its weight in the sum; any finite number. Default 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>What is done to it before it is weighed, fitted on the train set only. Default none.</summary>
    public RewardNormalizer Normalizer { get; init; } = RewardNormalizer.None;

    /// <summary>Scores below count as this, before they are normalised; in the reward's own units. Default no bound.</summary>
    public double? Lower { get; init; }

    /// <summary>Scores above count as this, before they are normalised; at least <see cref="Lower"/>. Default no bound.</summary>
    public double? Upper { get; init; }

    /// <summary>
    /// True keeps it from training, from the value and from the choice of checkpoints: it is no part of the combined reward, and only the replies to held-out
    /// prompts are scored with it. Where the combined reward rises and this one falls, the policy earns its reward in a way nobody meant. Default false.
    /// </summary>
    public bool HoldOut { get; init; }

    /// <summary>The reward itself: its <c>type</c> and its own settings, beside the keys above.</summary>
    [Flatten("type", typeof(RewardSource))]
    public required RecipeSection Reward { get; init; }
}
