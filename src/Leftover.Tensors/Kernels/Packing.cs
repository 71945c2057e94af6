using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Leftover.Tensors.Kernels;

/// <summary>Copies an operand into panels, [panel][step][width]: the order in which a micro-kernel reads it.</summary>
internal static unsafe class Packing
{
    public const int RowsAhead = 4;                          // that a row-by-row copy asks for before it needs them
    private const int GroupFloats = 128;                     // of a row, that a copy into narrow panels takes at once
    private const int LineFloats = 16;                       // of a cache line

    /// <summary>Packs values as they are, without gaps: <see cref="PackedElement.Float32"/>.</summary>
    public static void Pack(in Operand source, int firstLine, int panels, int width, int firstStep, int steps, float* target) =>
        Pack(source, PackedElement.Float32, firstStep + steps, firstLine, panels, width, width, firstStep, steps, target);

    /// <summary>Packs lines <paramref name="firstLine"/> … of one stretch of k; lines past the operand's last are zero, and so is a pair's missing value.</summary>
    /// <param name="source">The operand.</param>
    /// <param name="element">What a panel holds of a line at a step.</param>
    /// <param name="k">The length of the operand's lines.</param>
    /// <param name="firstLine">The first panel's first line.</param>
    /// <param name="panels">How many panels.</param>
    /// <param name="width">Lines of a panel.</param>
    /// <param name="pitch">Floats from one step of a panel to the next, at least the width; more than that only for floats. What lies between is undefined.</param>
    /// <param name="firstStep">Where the stretch begins, in steps of the panels.</param>
    /// <param name="steps">Its length in the same.</param>
    /// <param name="target">[panels][steps][pitch].</param>
    public static void Pack(in Operand source, PackedElement element, int k, int firstLine, int panels, int width, int pitch, int firstStep, int steps, float* target)
    {
        bool pairs = element == PackedElement.BFloat16Pair;
        int first = pairs ? 2 * firstStep : firstStep, length = Math.Min(k - first, pairs ? 2 * steps : steps);      // in values of a line
        nint panelSize = (nint)pitch * steps;
        int group = !source.StepsAreRows ? 1 : width < 32 ? Math.Max(1, GroupFloats / width) : panels;
        for (int panel = 0; panel < panels; panel += group, target += group * panelSize)
        {
            int line = firstLine + panel * width, lines = Math.Min(Math.Min(group, panels - panel) * width, source.Lines - line);
            int padded = (lines + width - 1) / width * width;
            if (lines < padded) new Span<float>(target + (padded / width - 1) * panelSize, (int)panelSize).Clear();
            float* from = source.At(line, first);
            if (element != PackedElement.Float32 && source.StepsAreRows) BFloat16Packing.Rows(from, source.Stride, lines, length, target, width, pairs, Vector512.IsHardwareAccelerated);
            else if (element != PackedElement.Float32) BFloat16Packing.Lines(from, source.Stride, lines, length, target, width, pairs, Vector512.IsHardwareAccelerated);
            else if (source.StepsAreRows) CopyRows(from, source.Stride, lines, steps, target, width, pitch);
            else if (Avx.IsSupported && lines == 6 && pitch == 8) TransposeSix(from, source.Stride, steps, target);
            else Transpose(from, source.Stride, lines, steps, target, pitch);
        }
    }

    /// <summary>to[step·pitch + line] = from[line·stride + step].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* from, nint stride, int lines, int steps, float* to, nint pitch)
    {
        int line = 0;
        if (Avx.IsSupported)
        {
            for (; line + 8 <= lines; line += 8, from += 8 * stride, to += 8)
            {
                int step = 0;
                for (; step + 8 <= steps; step += 8) Transpose8(from + step, stride, to + step * pitch, pitch);
                for (; step < steps; step++)
                    for (int i = 0; i < 8; i++) to[step * pitch + i] = from[i * stride + step];
            }
            for (; line + 4 <= lines; line += 4, from += 4 * stride, to += 4)
            {
                int step = 0;
                for (; step + 8 <= steps; step += 8) Transpose4(from + step, stride, to + step * pitch, pitch);
                for (; step < steps; step++)
                    for (int i = 0; i < 4; i++) to[step * pitch + i] = from[i * stride + step];
            }
        }
        for (; line < lines; line++, from += stride, to++)
            for (int step = 0; step < steps; step++) to[step * pitch] = from[step];
    }

    // 6 lines -> steps of 6 lines and 2 zeros
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeSix(float* from, nint stride, int steps, float* to)
    {
        int step = 0;
        for (; step + 4 <= steps; step += 4)
        {
            float* s = from + step, d = to + 8 * step;
            Vector256<float> r0 = Vector256.Create(Vector128.Load(s), Vector128.Load(s + 4 * stride));
            Vector256<float> r1 = Vector256.Create(Vector128.Load(s + stride), Vector128.Load(s + 5 * stride));
            Vector256<float> r2 = Vector256.Create(Vector128.Load(s + 2 * stride), Vector128<float>.Zero);
            Vector256<float> r3 = Vector256.Create(Vector128.Load(s + 3 * stride), Vector128<float>.Zero);
            Vector256<float> u0 = Avx.UnpackLow(r0, r1), u1 = Avx.UnpackHigh(r0, r1), u2 = Avx.UnpackLow(r2, r3), u3 = Avx.UnpackHigh(r2, r3);
            Avx.Shuffle(u0, u2, 0x44).Store(d);
            Avx.Shuffle(u0, u2, 0xEE).Store(d + 8);
            Avx.Shuffle(u1, u3, 0x44).Store(d + 16);
            Avx.Shuffle(u1, u3, 0xEE).Store(d + 24);
        }
        for (; step < steps; step++)
            for (int i = 0; i < 6; i++) to[8 * step + i] = from[i * stride + step];
    }

    // Some rows at a time across several panels, so that whole cache lines are read and written; rows lie far apart, where hardware does not fetch ahead.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(float* from, nint stride, int lines, int steps, float* to, int width, int pitch)
    {
        nint panelSize = (nint)pitch * steps;
        for (int step = 0; step < steps; step += RowsAhead, from += RowsAhead * stride, to += RowsAhead * pitch)
        {
            int rows = Math.Min(RowsAhead, steps - step);
            if (Sse.IsSupported && step + 2 * RowsAhead <= steps)
            {
                for (int row = RowsAhead; row < 2 * RowsAhead; row++)
                    for (int line = 0; line < lines; line += LineFloats) Sse.Prefetch0(from + row * stride + line);
            }
            float* panel = to;
            for (int line = 0; line < lines; line += width, panel += panelSize)
            {
                // Whole vectors, where a panel has room for them and the row has what is not wanted.
                if (pitch % 8 == 0 && line + pitch <= lines) CopyVectors(from + line, stride, rows, panel, pitch);
                else CopyFloats(from + line, stride, Math.Min(width, lines - line), rows, panel, pitch);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyVectors(float* s, nint stride, int rows, float* d, int pitch)
    {
        for (int row = 0; row < rows; row++, s += stride, d += pitch)
            for (int line = 0; line < pitch; line += 8) Vector256.Store(Vector256.Load(s + line), d + line);
    }

    private static void CopyFloats(float* s, nint stride, int count, int rows, float* d, int pitch)
    {
        for (int row = 0; row < rows; row++, s += stride, d += pitch)
        {
            int line = 0;
            for (; line + 4 <= count; line += 4) Vector128.Store(Vector128.Load(s + line), d + line);
            for (; line < count; line++) d[line] = s[line];
        }
    }

    // 8 lines of 8 steps -> 8 steps of 8 lines
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose8(float* s, nint stride, float* d, nint width)
    {
        float* t = s + 4 * stride;
        for (int half = 0; half < 2; half++, s += 4, t += 4, d += 4 * width)
        {
            Vector256<float> r0 = Vector256.Create(Vector128.Load(s), Vector128.Load(t));
            Vector256<float> r1 = Vector256.Create(Vector128.Load(s + stride), Vector128.Load(t + stride));
            Vector256<float> r2 = Vector256.Create(Vector128.Load(s + 2 * stride), Vector128.Load(t + 2 * stride));
            Vector256<float> r3 = Vector256.Create(Vector128.Load(s + 3 * stride), Vector128.Load(t + 3 * stride));
            Vector256<float> u0 = Avx.UnpackLow(r0, r1), u1 = Avx.UnpackHigh(r0, r1), u2 = Avx.UnpackLow(r2, r3), u3 = Avx.UnpackHigh(r2, r3);
            Avx.Shuffle(u0, u2, 0x44).Store(d);
            Avx.Shuffle(u0, u2, 0xEE).Store(d + width);
            Avx.Shuffle(u1, u3, 0x44).Store(d + 2 * width);
            Avx.Shuffle(u1, u3, 0xEE).Store(d + 3 * width);
        }
    }

    // 4 lines of 8 steps -> 8 steps of 4 lines
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(float* s, nint stride, float* d, nint width)
    {
        Vector256<float> r0 = Vector256.Load(s), r1 = Vector256.Load(s + stride), r2 = Vector256.Load(s + 2 * stride), r3 = Vector256.Load(s + 3 * stride);
        Vector256<float> u0 = Avx.UnpackLow(r0, r1), u1 = Avx.UnpackHigh(r0, r1), u2 = Avx.UnpackLow(r2, r3), u3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> t0 = Avx.Shuffle(u0, u2, 0x44), t1 = Avx.Shuffle(u0, u2, 0xEE), t2 = Avx.Shuffle(u1, u3, 0x44), t3 = Avx.Shuffle(u1, u3, 0xEE);
        t0.GetLower().Store(d);
        t1.GetLower().Store(d + width);
        t2.GetLower().Store(d + 2 * width);
        t3.GetLower().Store(d + 3 * width);
        t0.GetUpper().Store(d + 4 * width);
        t1.GetUpper().Store(d + 5 * width);
        t2.GetUpper().Store(d + 6 * width);
        t3.GetUpper().Store(d + 7 * width);
    }
}
