using Leftover.Tensors.Files;

namespace Leftover.Tensors.Safetensors;

/// <summary>What a header calls an element type, how wide it is and how it becomes float32.</summary>
internal static class ElementCoding
{
    private static readonly (ElementType Type, string Name, int Bits, BlockDecoder? Decode)[] s_known =
    [
        (ElementType.Bool, "BOOL", 8, Widening.Bool),
        (ElementType.F4, "F4", 4, null),
        (ElementType.F6E2M3, "F6_E2M3", 6, null),
        (ElementType.F6E3M2, "F6_E3M2", 6, null),
        (ElementType.U8, "U8", 8, Widening.U8),
        (ElementType.I8, "I8", 8, Widening.I8),
        (ElementType.F8E5M2, "F8_E5M2", 8, Float8.E5M2),
        (ElementType.F8E4M3, "F8_E4M3", 8, Float8.E4M3),
        (ElementType.F8E8M0, "F8_E8M0", 8, null),
        (ElementType.F8E4M3Fnuz, "F8_E4M3FNUZ", 8, null),
        (ElementType.F8E5M2Fnuz, "F8_E5M2FNUZ", 8, null),
        (ElementType.I16, "I16", 16, Widening.I16),
        (ElementType.U16, "U16", 16, Widening.U16),
        (ElementType.F16, "F16", 16, Widening.F16),
        (ElementType.BF16, "BF16", 16, Widening.BF16),
        (ElementType.I32, "I32", 32, Widening.I32),
        (ElementType.U32, "U32", 32, Widening.U32),
        (ElementType.F32, "F32", 32, Widening.F32),
        (ElementType.C64, "C64", 64, null),
        (ElementType.F64, "F64", 64, Widening.F64),
        (ElementType.I64, "I64", 64, Widening.I64),
        (ElementType.U64, "U64", 64, Widening.U64),
    ];

    /// <summary>Every name a header may use, for an error message.</summary>
    public static string KnownNames => string.Join(", ", s_known.Select(known => known.Name));

    public static ElementType? FromName(string name)
    {
        foreach (var known in s_known)
            if (known.Name == name) return known.Type;
        return null;
    }

    public static string NameOf(ElementType type) => s_known[(int)type].Name;

    public static int BitsOf(ElementType type) => s_known[(int)type].Bits;

    /// <summary>How the type becomes float32, or null where that is not built.</summary>
    public static BlockDecoder? DecoderOf(ElementType type) => s_known[(int)type].Decode;
}
