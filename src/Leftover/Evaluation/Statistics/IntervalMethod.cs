using System.Text.Json.Serialization;

namespace Leftover.Evaluation.Statistics;

/// <summary>How an interval around a mean is found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IntervalMethod>))]
public enum IntervalMethod
{
    /// <summary>Student's t with n − 1 degrees of freedom.</summary>
    [JsonStringEnumMemberName("t")] StudentT,

    /// <summary>The normal distribution; too narrow for few values.</summary>
    [JsonStringEnumMemberName("normal")] Normal,

    /// <summary>Quantiles of the resampled means.</summary>
    [JsonStringEnumMemberName("bootstrap-percentile")] BootstrapPercentile,

    /// <summary>Quantiles of the resampled means, reflected at the mean.</summary>
    [JsonStringEnumMemberName("bootstrap-basic")] BootstrapBasic,

    /// <summary>Quantiles of the resampled means, moved for bias and skewness.</summary>
    [JsonStringEnumMemberName("bootstrap-bca")] BootstrapBca,
}
