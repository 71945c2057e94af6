using System.Text.Json.Serialization;

namespace Leftover.Tensors.Optimizers;

/// <summary>The shape of a learning rate over a run; in files by the names of Hugging Face's <c>lr_scheduler_type</c>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScheduleKind>))]
public enum ScheduleKind
{
    /// <summary>The peak from the first update to the last; warm-up is ignored.</summary>
    [JsonStringEnumMemberName("constant")] Constant,

    /// <summary>The peak after warm-up.</summary>
    [JsonStringEnumMemberName("constant_with_warmup")] ConstantWithWarmup,

    /// <summary>A straight line from the peak to 0.</summary>
    [JsonStringEnumMemberName("linear")] Linear,

    /// <summary>A cosine from the peak; half a cycle, unless told otherwise, ends at 0.</summary>
    [JsonStringEnumMemberName("cosine")] Cosine,

    /// <summary>Several half cosines, each from the peak to 0.</summary>
    [JsonStringEnumMemberName("cosine_with_restarts")] CosineWithRestarts,

    /// <summary>A power of the remaining share, from the peak to <see cref="LearningRateSchedule.EndRate"/>.</summary>
    [JsonStringEnumMemberName("polynomial")] Polynomial,

    /// <summary>1/√update, scaled so that it leaves warm-up at the peak.</summary>
    [JsonStringEnumMemberName("inverse_sqrt")] InverseSqrt,

    /// <summary>A cosine from the peak to a share of it.</summary>
    [JsonStringEnumMemberName("cosine_with_min_lr")] CosineWithMinLr,

    /// <summary>Warm-up, a plateau at the peak, and a decay of its own length.</summary>
    [JsonStringEnumMemberName("warmup_stable_decay")] WarmupStableDecay,
}

/// <summary>How <see cref="ScheduleKind.WarmupStableDecay"/> rises or falls.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RampKind>))]
public enum RampKind
{
    /// <summary>A straight line.</summary>
    [JsonStringEnumMemberName("linear")] Linear,

    /// <summary>Half a cosine.</summary>
    [JsonStringEnumMemberName("cosine")] Cosine,

    /// <summary>1 − √progress while falling, 1 − √(1 − progress) while rising.</summary>
    [JsonStringEnumMemberName("1-sqrt")] OneMinusSqrt,
}
