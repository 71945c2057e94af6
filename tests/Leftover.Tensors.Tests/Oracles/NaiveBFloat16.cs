namespace Leftover.Tensors.Tests.Oracles;

/// <summary>bfloat16 by its definition, without a look at bits: 8 bits of significand, the exponents of float32.</summary>
internal static class NaiveBFloat16
{
    /// <summary>The nearest number with 8 significant bits; of two equally near the one whose last bit is 0.</summary>
    public static float Nearest(float value)
    {
        if (value == 0 || !float.IsFinite(value)) return value;
        int exponent = Math.Max(Math.ILogB(value), -126);
        return (float)Math.ScaleB(Math.Round(Math.ScaleB((double)value, 7 - exponent), MidpointRounding.ToEven), exponent - 7);
    }

    /// <summary>A denormal number is zero, as <c>vdpbf16ps</c> has it.</summary>
    public static float Flush(float value) => Math.Abs(value) < Math.ScaleB(1, -126) ? MathF.CopySign(0, value) : value;
}
