namespace Leftover.Tensors.Safetensors;

/// <summary>How a tensor's numbers are stored.</summary>
/// <remarks>The order is that in which the reference writer lays out a file, the last first.</remarks>
public enum ElementType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,
    /// <summary>Four bits; known, and not read.</summary>
    F4,
    /// <summary>Six bits, two of them exponent; known, and not read.</summary>
    F6E2M3,
    /// <summary>Six bits, three of them exponent; known, and not read.</summary>
    F6E3M2,
    /// <summary>An unsigned byte.</summary>
    U8,
    /// <summary>A signed byte.</summary>
    I8,
    /// <summary>Eight bits, five of them exponent, with infinities.</summary>
    F8E5M2,
    /// <summary>Eight bits, four of them exponent, without infinities; the largest is 448.</summary>
    F8E4M3,
    /// <summary>Eight bits of exponent: a power of two; known, and not read.</summary>
    F8E8M0,
    /// <summary>A variant of <see cref="F8E4M3"/> without a negative zero; known, and not read.</summary>
    F8E4M3Fnuz,
    /// <summary>A variant of <see cref="F8E5M2"/> without a negative zero; known, and not read.</summary>
    F8E5M2Fnuz,
    /// <summary>A signed integer of 16 bits.</summary>
    I16,
    /// <summary>An unsigned integer of 16 bits.</summary>
    U16,
    /// <summary>IEEE half precision.</summary>
    F16,
    /// <summary>The upper half of a float32.</summary>
    BF16,
    /// <summary>A signed integer of 32 bits.</summary>
    I32,
    /// <summary>An unsigned integer of 32 bits.</summary>
    U32,
    /// <summary>IEEE single precision.</summary>
    F32,
    /// <summary>Two float32: a complex number; known, and not read.</summary>
    C64,
    /// <summary>IEEE double precision.</summary>
    F64,
    /// <summary>A signed integer of 64 bits.</summary>
    I64,
    /// <summary>An unsigned integer of 64 bits.</summary>
    U64,
}
