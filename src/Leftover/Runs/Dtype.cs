using System.Text.Json.Serialization;
using Leftover.Tensors.Kernels;

namespace Leftover.Runs;

/// <summary>What a recipe says of the numbers in which matrix products multiply. Weights, sums, norms, losses and the optimizer are fp32 always.</summary>
public enum Dtype
{
    /// <summary>bf16 where the processor multiplies it by itself (AVX512_BF16), otherwise fp32.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>Operands as they are.</summary>
    [JsonStringEnumMemberName("fp32")]
    Fp32,

    /// <summary>Operands rounded to bf16; on a processor without the instruction the same sums by the fp32 kernels, no faster than fp32.</summary>
    [JsonStringEnumMemberName("bf16")]
    Bf16,
}

/// <summary>What becomes of a <see cref="Dtype"/> on this processor.</summary>
public static class Dtypes
{
    /// <summary>The numbers that products multiply in.</summary>
    public static ComputeType Resolve(this Dtype dtype) => dtype switch
    {
        Dtype.Fp32 => ComputeType.Float32,
        Dtype.Bf16 => ComputeType.BFloat16,
        _ => Instructions.HasBFloat16 ? ComputeType.BFloat16 : ComputeType.Float32,
    };

    /// <summary>The resolved type as <c>run.json</c> and results name it, and with what it is computed.</summary>
    public static string Describe(this ComputeType type) =>
        type == ComputeType.Float32 ? "fp32" : Instructions.HasBFloat16 ? "bf16 (assembled)" : "bf16 (rounded operands, fp32 kernels)";
}
