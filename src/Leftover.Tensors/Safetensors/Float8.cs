namespace Leftover.Tensors.Safetensors;

/// <summary>The two eight-bit floats as float32, by a table of their 256 codes.</summary>
/// <remarks>Micikevicius et al. 2022, arXiv:2209.05433, table 1.</remarks>
internal static class Float8
{
    private static readonly float[] s_e4M3 = Table(mantissaBits: 3, bias: 7, hasInfinity: false);
    private static readonly float[] s_e5M2 = Table(mantissaBits: 2, bias: 15, hasInfinity: true);

    public static void E4M3(ReadOnlySpan<byte> source, Span<float> destination) => LookUp(s_e4M3, source, destination);

    public static void E5M2(ReadOnlySpan<byte> source, Span<float> destination) => LookUp(s_e5M2, source, destination);

    private static void LookUp(float[] table, ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = table[source[i]];
    }

    private static float[] Table(int mantissaBits, int bias, bool hasInfinity)
    {
        float[] table = new float[256];
        for (int code = 0; code < 256; code++)
        {
            int exponent = (code & 0x7F) >> mantissaBits;
            int mantissa = code & ((1 << mantissaBits) - 1);
            int topExponent = 0x7F >> mantissaBits;
            double fraction = mantissa / (double)(1 << mantissaBits);
            double magnitude = exponent == 0 ? fraction * Math.Pow(2, 1 - bias) : (1 + fraction) * Math.Pow(2, exponent - bias);
            if (hasInfinity && exponent == topExponent) magnitude = mantissa == 0 ? double.PositiveInfinity : double.NaN;
            if (!hasInfinity && (code & 0x7F) == 0x7F) magnitude = double.NaN;
            table[code] = (float)((code & 0x80) == 0 ? magnitude : -magnitude);
        }
        return table;
    }
}
