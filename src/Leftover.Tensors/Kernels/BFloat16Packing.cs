using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Leftover.Tensors.Kernels;

/// <summary>Fills panels with values rounded to bf16: pairs of them, or each widened to a float again (<see cref="PackedElement"/>).</summary>
/// <remarks>
/// A tie goes to the even number, and a NaN stays one. A panel is [pair][width], or [pair][2][width] with the odd step of a pair first; the step that
/// an odd number of them lacks is zero.
/// </remarks>
internal static unsafe class BFloat16Packing
{
    private const int LinesAtOnce = 8, StepsAtOnce = 128;    // that are rounded into a buffer of 4 KiB before they are transposed

    /// <summary>Packs lines whose steps lie <paramref name="stride"/> floats apart and each step of which is a row, into several panels.</summary>
    /// <param name="from">The first line's first step.</param>
    /// <param name="stride">Floats from a step to the next.</param>
    /// <param name="lines">How many lines.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="to">The first panel.</param>
    /// <param name="width">Lines of a panel.</param>
    /// <param name="pairs">True for pairs, false for floats again.</param>
    /// <param name="wide">Whether to work in vectors of 512 bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(float* from, nint stride, int lines, int steps, float* to, int width, bool pairs, bool wide)
    {
        int next = pairs ? width : 2 * width;
        nint panelSize = (nint)next * ((steps + 1) / 2);
        for (int step = 0; step < steps; step += 2, from += 2 * stride, to += next)
        {
            float* panel = to;
            for (int first = 0; first < lines; first += width, panel += panelSize)
                RowPair(from + first, step + 1 < steps ? from + first + stride : null, stride, Math.Min(width, lines - first), panel, width, pairs, wide);
        }
    }

    /// <summary>Packs lines, <paramref name="stride"/> floats from one to the next, whose steps lie side by side, into one panel.</summary>
    /// <inheritdoc cref="Rows" path="/param"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Lines(float* from, nint stride, int lines, int steps, float* to, int width, bool pairs, bool wide)
    {
        float* rounded = stackalloc float[LinesAtOnce * StepsAtOnce];
        for (int line = 0; line < lines; line += LinesAtOnce, from += LinesAtOnce * stride)
        {
            int count = Math.Min(LinesAtOnce, lines - line);
            float* target = to + line;
            for (int step = 0; step < steps; step += StepsAtOnce)
            {
                int some = Math.Min(StepsAtOnce, steps - step), packed = (some + 1) / 2 * (pairs ? 1 : 2);
                for (int i = 0; i < count; i++)
                    if (pairs) Pairs(from + i * stride + step, some, (uint*)rounded + i * StepsAtOnce, wide);
                    else Widened(from + i * stride + step, some, (uint*)rounded + i * StepsAtOnce);
                Packing.Transpose(rounded, StepsAtOnce, count, packed, target, width);
                target += (nint)packed * width;
            }
        }
    }

    // Two steps of up to `width` lines. Rows lie far apart, where hardware does not fetch ahead.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RowPair(float* even, float* odd, nint stride, int count, float* to, int width, bool pairs, bool wide)
    {
        float* late = pairs ? to : to + width;               // where the even step goes
        int i = 0;
        if (wide)
            for (; i + 16 <= count; i += 16)
            {
                Prefetch(even + i, odd, stride);
                Vector512<uint> low = Round(Vector512.Load((uint*)even + i)), high = odd == null ? default : Round(Vector512.Load((uint*)odd + i));
                if (pairs) (low >>> 16 | high).Store((uint*)to + i);
                else
                {
                    Flush(high).Store((uint*)to + i);
                    Flush(low).Store((uint*)late + i);
                }
            }
        if (Vector128.IsHardwareAccelerated)
            for (; i + 8 <= count; i += 8)
            {
                if ((i & 8) == 0) Prefetch(even + i, odd, stride);
                Vector256<uint> low = Round(Vector256.Load((uint*)even + i)), high = odd == null ? default : Round(Vector256.Load((uint*)odd + i));
                if (pairs) (low >>> 16 | high).Store((uint*)to + i);
                else
                {
                    Flush(high).Store((uint*)to + i);
                    Flush(low).Store((uint*)late + i);
                }
            }
        for (; i < count; i++)
        {
            uint low = Round(((uint*)even)[i]), high = odd == null ? 0 : Round(((uint*)odd)[i]);
            if (pairs) ((uint*)to)[i] = low >> 16 | high;
            else (((uint*)to)[i], ((uint*)late)[i]) = (Flush(high), Flush(low));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* even, float* odd, nint stride)
    {
        if (!Sse.IsSupported || odd == null) return;
        Sse.Prefetch0(even + Packing.RowsAhead * stride);
        Sse.Prefetch0(even + (Packing.RowsAhead + 1) * stride);
    }

    // One line: bf16 after bf16 is pair after pair.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pairs(float* from, int count, uint* to, bool wide)
    {
        uint* bits = (uint*)from;
        int i = 0;
        if (wide)
            for (; i + 32 <= count; i += 32)
                Vector512.Narrow(Round(Vector512.Load(bits + i)) >>> 16, Round(Vector512.Load(bits + i + 16)) >>> 16).Store((ushort*)to + i);
        if (Vector128.IsHardwareAccelerated)
            for (; i + 16 <= count; i += 16)
                Vector256.Narrow(Round(Vector256.Load(bits + i)) >>> 16, Round(Vector256.Load(bits + i + 8)) >>> 16).Store((ushort*)to + i);
        for (; i < count; i += 2) to[i / 2] = Round(bits[i]) >> 16 | (i + 1 < count ? Round(bits[i + 1]) : 0);
    }

    // One line, the two steps of each pair exchanged.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widened(float* from, int count, uint* to)
    {
        uint* bits = (uint*)from;
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
            for (; i + 8 <= count; i += 8)
                Vector256.Shuffle(Flush(Round(Vector256.Load(bits + i))), Vector256.Create(1u, 0, 3, 2, 5, 4, 7, 6)).Store(to + i);
        for (; i < count; i += 2) (to[i], to[i + 1]) = (i + 1 < count ? Flush(Round(bits[i + 1])) : 0, Flush(Round(bits[i])));
    }

    // The bits of the nearest bf16, widened: adds what carries into the upper half when the lower one is more than a tie, or a tie above an odd one.
    // A NaN keeps its upper half and becomes quiet; the addition could turn it into an infinity.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Round(Vector512<uint> bits)
    {
        Vector512<uint> rounded = bits + Vector512.Create(0x7FFFu) + (bits >>> 16 & Vector512<uint>.One);
        Vector512<int> isNaN = Vector512.GreaterThan((bits & Vector512.Create(0x7FFFFFFFu)).AsInt32(), Vector512.Create(0x7F800000));
        return Vector512.ConditionalSelect(isNaN.AsUInt32(), bits | Vector512.Create(0x00400000u), rounded) & Vector512.Create(0xFFFF0000u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<uint> bits)
    {
        Vector256<uint> rounded = bits + Vector256.Create(0x7FFFu) + (bits >>> 16 & Vector256<uint>.One);
        Vector256<int> isNaN = Vector256.GreaterThan((bits & Vector256.Create(0x7FFFFFFFu)).AsInt32(), Vector256.Create(0x7F800000));
        return Vector256.ConditionalSelect(isNaN.AsUInt32(), bits | Vector256.Create(0x00400000u), rounded) & Vector256.Create(0xFFFF0000u);
    }

    private static uint Round(uint bits) =>
        ((bits & 0x7FFFFFFF) > 0x7F800000 ? bits | 0x00400000 : bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;

    // vdpbf16ps takes a denormal operand for zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Flush(Vector512<uint> bits) =>
        Vector512.ConditionalSelect(Vector512.Equals(bits & Vector512.Create(0x7F800000u), default), bits & Vector512.Create(0x80000000u), bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Flush(Vector256<uint> bits) =>
        Vector256.ConditionalSelect(Vector256.Equals(bits & Vector256.Create(0x7F800000u), default), bits & Vector256.Create(0x80000000u), bits);

    private static uint Flush(uint bits) => (bits & 0x7F800000) == 0 ? bits & 0x80000000 : bits;
}
