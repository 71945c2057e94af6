using Leftover.Tensors.Files;

namespace Leftover.Tensors.Gguf;

/// <summary>How many values one block of a type holds, in how many bytes, and how it becomes float32.</summary>
/// <param name="BlockValues">Values in a block; 1 for plain numbers. A row is a whole number of blocks.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Decode">Blocks to float32, or null where that is not built.</param>
/// <param name="Encode">float32 to blocks, or null where that is not built.</param>
internal sealed record GgmlCoding(int BlockValues, int BlockBytes, BlockDecoder? Decode = null, BlockEncoder? Encode = null)
{
    private static readonly Dictionary<GgmlType, GgmlCoding> s_known = new()
    {
        [GgmlType.F32] = new(1, 4, Widening.F32, Narrowing.F32),
        [GgmlType.F16] = new(1, 2, Widening.F16, Narrowing.F16),
        [GgmlType.BF16] = new(1, 2, Widening.BF16, Narrowing.BF16),
        [GgmlType.F64] = new(1, 8, Widening.F64),
        [GgmlType.I8] = new(1, 1, Widening.I8),
        [GgmlType.I16] = new(1, 2, Widening.I16),
        [GgmlType.I32] = new(1, 4, Widening.I32),
        [GgmlType.I64] = new(1, 8, Widening.I64),
        [GgmlType.Q4_0] = new(Q4_0.BlockValues, Q4_0.BlockBytes, Q4_0.Dequantize, Q4_0.Quantize),
        [GgmlType.Q4_1] = new(Q4_1.BlockValues, Q4_1.BlockBytes, Q4_1.Dequantize, Q4_1.Quantize),
        [GgmlType.Q5_0] = new(Q5_0.BlockValues, Q5_0.BlockBytes, Q5_0.Dequantize, Q5_0.Quantize),
        [GgmlType.Q5_1] = new(Q5_1.BlockValues, Q5_1.BlockBytes, Q5_1.Dequantize, Q5_1.Quantize),
        [GgmlType.Q8_0] = new(Q8_0.BlockValues, Q8_0.BlockBytes, Q8_0.Dequantize, Q8_0.Quantize),
        // Sizes alone, so that a file with such tensors can be opened and its other tensors read.
        [GgmlType.Q2_K] = new(256, 84),
        [GgmlType.Q3_K] = new(256, 110),
        [GgmlType.Q4_K] = new(256, 144),
        [GgmlType.Q5_K] = new(256, 176),
        [GgmlType.Q6_K] = new(256, 210),
        [GgmlType.IQ2_XXS] = new(256, 66),
        [GgmlType.IQ2_XS] = new(256, 74),
        [GgmlType.IQ3_XXS] = new(256, 98),
        [GgmlType.IQ1_S] = new(256, 50),
        [GgmlType.IQ4_NL] = new(32, 18),
        [GgmlType.IQ3_S] = new(256, 110),
        [GgmlType.IQ2_S] = new(256, 82),
        [GgmlType.IQ4_XS] = new(256, 136),
        [GgmlType.IQ1_M] = new(256, 56),
        [GgmlType.TQ1_0] = new(256, 54),
        [GgmlType.TQ2_0] = new(256, 66),
        [GgmlType.MXFP4] = new(32, 17),
    };

    /// <summary>The type's coding, or null where the number names no type.</summary>
    public static GgmlCoding? Of(GgmlType type) => s_known.GetValueOrDefault(type);
}
