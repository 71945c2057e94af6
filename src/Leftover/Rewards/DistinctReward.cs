using System.Text.Json.Serialization;
using Leftover.Rewards.Text;

namespace Leftover.Rewards;

/// <summary>Distinct-n of the completion: its distinct n-grams over all its n-grams, in [0, 1]; 0 where it has none.</summary>
public sealed record DistinctReward() : RewardSource("distinct")
{
    /// <summary>Words an n-gram; ≥ 1. Default 2.</summary>
    public int N { get; init; } = 2;

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => RewardRange.Unit;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() => N < 1 ? [$"n is {N}; it must be at least 1."] : [];

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows) => ScoreEach(rows, x => NGrams.DistinctShare(x, N));
}
