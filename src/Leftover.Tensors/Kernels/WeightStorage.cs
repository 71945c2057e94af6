using System.Text.Json.Serialization;

namespace Leftover.Tensors.Kernels;

/// <summary>How frozen weights are held for reading; products add up in float32 whichever it is.</summary>
public enum WeightStorage
{
    /// <summary>As they are.</summary>
    [JsonStringEnumMemberName("fp32")]
    Float32,

    /// <summary>Rounded to bfloat16, half to even: 8 bits of precision, half the bytes.</summary>
    [JsonStringEnumMemberName("bf16")]
    BFloat16,

    /// <summary>Whole numbers from −127 to 127 and one scale for each output, largest |w| / 127: a quarter of the bytes.</summary>
    [JsonStringEnumMemberName("int8")]
    Int8,
}
