namespace Leftover.Tensors.Kernels;

/// <summary>A micro-kernel and the form in which it wants its operands.</summary>
/// <param name="Tiles">The micro-kernel.</param>
/// <param name="Element">What the panels hold that it multiplies.</param>
internal readonly record struct ProductKernel(MicroKernel Tiles, PackedElement Element)
{
    /// <summary>What a process multiplies with.</summary>
    /// <param name="set">Its instruction set.</param>
    /// <param name="type">In bf16 the tiles of <c>vdpbf16ps</c>, where they can be had, otherwise those of fp32 over rounded operands.</param>
    public static ProductKernel For(InstructionSet set, ComputeType type)
    {
        if (type == ComputeType.Float32) return MicroKernel.For(set);
        return MicroKernel.ForBFloat16(set) is { } pairs ? new ProductKernel(pairs, PackedElement.BFloat16Pair) : new ProductKernel(MicroKernel.For(set), PackedElement.RoundedFloat32);
    }

    /// <summary>The kernel over operands as they are.</summary>
    public static implicit operator ProductKernel(MicroKernel tiles) => new(tiles, PackedElement.Float32);
}
