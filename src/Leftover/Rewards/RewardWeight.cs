using System.Text.Json.Serialization;

namespace Leftover.Rewards;

/// <summary>A named reward's part in the combined one.</summary>
/// <param name="Name">The reward's name.</param>
/// <param name="Weight">Any finite number. Default 1.</param>
/// <param name="Normalizer">What is done to it before it is weighed. Default none.</param>
public sealed record RewardWeight(string Name, double Weight = 1, RewardNormalizer Normalizer = RewardNormalizer.None)
{
    /// <summary>Scores below count as this, before all else; in the reward's own units. Default no bound.</summary>
    public double? Lower { get; init; }

    /// <summary>Scores above count as this, before all else; at least <see cref="Lower"/>. Default no bound.</summary>
    public double? Upper { get; init; }

    /// <summary>A score within its bounds.</summary>
    internal double Bounded(double score) => RewardRange.Bound(score, Lower, Upper);
}

/// <summary>How several rewards become one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RewardAggregation>))]
public enum RewardAggregation
{
    /// <summary>Σ weight · reward; with weights of 1 the plain sum.</summary>
    [JsonStringEnumMemberName("weighted_sum")] WeightedSum,

    /// <summary>Σ weight · reward / Σ weight.</summary>
    [JsonStringEnumMemberName("weighted_mean")] WeightedMean,

    /// <summary>The least of them; weights do not count.</summary>
    [JsonStringEnumMemberName("minimum")] Minimum,

    /// <summary>Their product; weights do not count.</summary>
    [JsonStringEnumMemberName("product")] Product,
}
