namespace Leftover.Tensors.Gguf;

/// <summary>How a GGUF tensor's numbers are stored; the numbers are the format's own.</summary>
public enum GgmlType
{
    /// <summary>IEEE single precision.</summary>
    F32 = 0,
    /// <summary>IEEE half precision.</summary>
    F16 = 1,
    /// <summary>Blocks of 32: a scale and 4-bit values around 0.</summary>
    Q4_0 = 2,
    /// <summary>Blocks of 32: a scale, a minimum and 4-bit values above it.</summary>
    Q4_1 = 3,
    /// <summary>Blocks of 32: a scale and 5-bit values around 0.</summary>
    Q5_0 = 6,
    /// <summary>Blocks of 32: a scale, a minimum and 5-bit values above it.</summary>
    Q5_1 = 7,
    /// <summary>Blocks of 32: a scale and 8-bit values.</summary>
    Q8_0 = 8,
    /// <summary>Super-blocks of 256 with 2-bit values; not read yet.</summary>
    Q2_K = 10,
    /// <summary>Super-blocks of 256 with 3-bit values; not read yet.</summary>
    Q3_K = 11,
    /// <summary>Super-blocks of 256 with 4-bit values; not read yet.</summary>
    Q4_K = 12,
    /// <summary>Super-blocks of 256 with 5-bit values; not read yet.</summary>
    Q5_K = 13,
    /// <summary>Super-blocks of 256 with 6-bit values; not read yet.</summary>
    Q6_K = 14,
    /// <summary>Codebook of about 2 bits; not read yet.</summary>
    IQ2_XXS = 16,
    /// <summary>Codebook of about 2 bits; not read yet.</summary>
    IQ2_XS = 17,
    /// <summary>Codebook of about 3 bits; not read yet.</summary>
    IQ3_XXS = 18,
    /// <summary>Codebook of about 1 bit; not read yet.</summary>
    IQ1_S = 19,
    /// <summary>Blocks of 32 with 4-bit codes of a fixed table; not read yet.</summary>
    IQ4_NL = 20,
    /// <summary>Codebook of about 3 bits; not read yet.</summary>
    IQ3_S = 21,
    /// <summary>Codebook of about 2 bits; not read yet.</summary>
    IQ2_S = 22,
    /// <summary>Super-blocks of 256 with 4-bit codes of a fixed table; not read yet.</summary>
    IQ4_XS = 23,
    /// <summary>A signed byte.</summary>
    I8 = 24,
    /// <summary>A signed integer of 16 bits.</summary>
    I16 = 25,
    /// <summary>A signed integer of 32 bits.</summary>
    I32 = 26,
    /// <summary>A signed integer of 64 bits.</summary>
    I64 = 27,
    /// <summary>IEEE double precision.</summary>
    F64 = 28,
    /// <summary>Codebook of about 1 bit; not read yet.</summary>
    IQ1_M = 29,
    /// <summary>The upper half of a float32.</summary>
    BF16 = 30,
    /// <summary>Ternary, packed five to a byte; not read yet.</summary>
    TQ1_0 = 34,
    /// <summary>Ternary, packed four to a byte; not read yet.</summary>
    TQ2_0 = 35,
    /// <summary>Blocks of 32 four-bit floats with a shared power of two; not read yet.</summary>
    MXFP4 = 39,
}
