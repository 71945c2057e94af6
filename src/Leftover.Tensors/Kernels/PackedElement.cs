namespace Leftover.Tensors.Kernels;

/// <summary>What a packed panel holds of each line at a step: 4 bytes always, so tiles walk over all of them alike.</summary>
internal enum PackedElement
{
    /// <summary>A value; the operand may also be read where it is.</summary>
    Float32,

    /// <summary>
    /// A value rounded to bf16 and widened again. Of two steps of k the odd one comes first, which is the order in which <c>vdpbf16ps</c> adds; so
    /// multiply-adds over such panels give its bits.
    /// </summary>
    RoundedFloat32,

    /// <summary>Two steps of k, each rounded to bf16: the even one in the lower half, where <c>vdpbf16ps</c> wants it.</summary>
    BFloat16Pair,
}
