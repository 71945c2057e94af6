using System.Text.Json.Serialization;
using Leftover.Rewards.Text;

namespace Leftover.Rewards;

/// <summary>A penalty for repetition: minus rep-n of the completion, in (−1, 0].</summary>
public sealed record RepetitionReward() : RewardSource("repetition")
{
    /// <summary>Words an n-gram; ≥ 1. Default 3.</summary>
    public int N { get; init; } = 3;

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range => new(-1, 0);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() => N < 1 ? [$"n is {N}; it must be at least 1."] : [];

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows) => ScoreEach(rows, x => -Repetition.RepN(x, N));
}
