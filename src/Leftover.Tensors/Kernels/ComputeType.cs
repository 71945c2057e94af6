namespace Leftover.Tensors.Kernels;

/// <summary>In what numbers the operands of a model's matrix products are multiplied. Sums, and all else that is computed, are float32 always.</summary>
public enum ComputeType
{
    /// <summary>Operands as they are.</summary>
    Float32,

    /// <summary>
    /// Operands rounded to bfloat16, the nearest and at a tie the even one: 8 bits of significand, and float32's range. Weights, activations and
    /// gradients stay float32 where they lie.
    /// </summary>
    BFloat16,
}
