using System.Text.Json.Serialization;

namespace Leftover.Rewards;

/// <summary>What is done to a reward before it is weighed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RewardNormalizer>))]
public enum RewardNormalizer
{
    /// <summary>Nothing.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>(r − least) / (greatest − least).</summary>
    [JsonStringEnumMemberName("min_max")] MinMax,

    /// <summary>(r − mean) / standard deviation, with n.</summary>
    [JsonStringEnumMemberName("z_score")] ZScore,

    /// <summary>(r − mean) / standard deviation, with n − 1.</summary>
    [JsonStringEnumMemberName("z_score_unbiased")] ZScoreUnbiased,

    /// <summary>The average rank from 1 to n as (rank − 1) / (n − 1): 0 for the least, 1 for the greatest.</summary>
    [JsonStringEnumMemberName("rank")] Rank,

    /// <summary>The average rank as (rank − ½) / n: never quite 0 or 1.</summary>
    [JsonStringEnumMemberName("rank_midpoint")] RankMidpoint,

    /// <summary>1 / (1 + e^−r); fitted on nothing.</summary>
    [JsonStringEnumMemberName("sigmoid")] Sigmoid,

    /// <summary>(r − median) / interquartile range.</summary>
    [JsonStringEnumMemberName("robust")] Robust,
}
