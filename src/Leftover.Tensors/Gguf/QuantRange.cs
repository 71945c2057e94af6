namespace Leftover.Tensors.Gguf;

/// <summary>What the block formats share when they quantise.</summary>
internal static class QuantRange
{
    /// <summary>The value with the largest magnitude, with its sign; the first of equals.</summary>
    public static float LargestInMagnitude(ReadOnlySpan<float> values)
    {
        float largest = values[0];               // so the zero of a block of zeros keeps its sign
        foreach (float x in values)
            if (MathF.Abs(x) > MathF.Abs(largest)) largest = x;
        return largest;
    }

    /// <summary>1/d, and 0 for a block without extent.</summary>
    public static float Inverse(float d) => d == 0 ? 0 : 1 / d;

    /// <summary>The integer part, held within 0 and <paramref name="largest"/>.</summary>
    public static int Truncate(float x, int largest) => Math.Clamp((int)x, 0, largest);
}
