using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Leftover.Tensors.Kernels;

/// <summary>A tile of 16 rows and up to 3 columns over an A whose rows run along k: y = W·x, decoding.</summary>
/// <remarks>
/// To broadcast each value of such an A is one load a value, slower than memory delivers them. Here 8 values of 16 rows are loaded and
/// transposed in registers, so that a vector holds one step of 8 rows; an element is still one chain in the order of k. The rows that come next
/// are asked for in the order of their addresses: hardware alone does not follow 16 short streams.
/// </remarks>
internal static unsafe class FewColumnsTile
{
    public const int Rows = 16, Columns = 3;

    public static bool IsSupported => Avx.IsSupported && Fma.IsSupported;

    /// <summary>C[16, columns] = A·B (+ C) (+ bias).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int columns, TileArguments* tile)
    {
        nint rowA = tile->RowStrideA / sizeof(float), stepB = tile->StepStrideB / sizeof(float), rowC = tile->RowStrideC / sizeof(float);
        float* a = tile->A, b = tile->B, ahead = tile->Ahead;
        float* sums = stackalloc float[Columns * Rows];
        new Span<float>(sums, columns * Rows).Clear();

        Vector256<float> s0 = Vector256<float>.Zero, s1 = Vector256<float>.Zero;       // the first column's; the others' lie in memory
        nint k = 0;
        for (; k + 8 <= tile->Steps; k += 8, a += 8, b += 8 * stepB)
        {
            for (int line = 0; line < 8 && ahead != null; line++) Sse.Prefetch1(ahead + Rows * k + 16 * line);
            Transpose(a, rowA, out Vector256<float> t0, out Vector256<float> t1, out Vector256<float> t2, out Vector256<float> t3);
            Transpose(a + 4, rowA, out Vector256<float> t4, out Vector256<float> t5, out Vector256<float> t6, out Vector256<float> t7);
            Transpose(a + 8 * rowA, rowA, out Vector256<float> u0, out Vector256<float> u1, out Vector256<float> u2, out Vector256<float> u3);
            Transpose(a + 8 * rowA + 4, rowA, out Vector256<float> u4, out Vector256<float> u5, out Vector256<float> u6, out Vector256<float> u7);
            s0 = Chain(t0, t1, t2, t3, t4, t5, t6, t7, b, stepB, s0);
            s1 = Chain(u0, u1, u2, u3, u4, u5, u6, u7, b, stepB, s1);
            for (int column = 1; column < columns; column++)
            {
                float* sum = sums + column * Rows;
                Chain(t0, t1, t2, t3, t4, t5, t6, t7, b + column, stepB, Vector256.Load(sum)).Store(sum);
                Chain(u0, u1, u2, u3, u4, u5, u6, u7, b + column, stepB, Vector256.Load(sum + 8)).Store(sum + 8);
            }
        }
        s0.Store(sums);
        s1.Store(sums + 8);
        for (; k < tile->Steps; k++, a++, b += stepB)
            for (int column = 0; column < columns; column++)
                for (int row = 0; row < Rows; row++)
                    sums[column * Rows + row] = MathF.FusedMultiplyAdd(a[row * rowA], b[column], sums[column * Rows + row]);

        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < columns; column++)
            {
                float* c = tile->C + row * rowC + column;
                float sum = tile->Accumulate != 0 ? sums[column * Rows + row] + *c : sums[column * Rows + row];
                *c = tile->Bias != null ? sum + tile->Bias[column] : sum;
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Chain(
        Vector256<float> t0, Vector256<float> t1, Vector256<float> t2, Vector256<float> t3, Vector256<float> t4, Vector256<float> t5, Vector256<float> t6,
        Vector256<float> t7, float* x, nint step, Vector256<float> sum)
    {
        sum = Fma.MultiplyAdd(t0, Vector256.Create(x[0 * step]), sum);
        sum = Fma.MultiplyAdd(t1, Vector256.Create(x[1 * step]), sum);
        sum = Fma.MultiplyAdd(t2, Vector256.Create(x[2 * step]), sum);
        sum = Fma.MultiplyAdd(t3, Vector256.Create(x[3 * step]), sum);
        sum = Fma.MultiplyAdd(t4, Vector256.Create(x[4 * step]), sum);
        sum = Fma.MultiplyAdd(t5, Vector256.Create(x[5 * step]), sum);
        sum = Fma.MultiplyAdd(t6, Vector256.Create(x[6 * step]), sum);
        return Fma.MultiplyAdd(t7, Vector256.Create(x[7 * step]), sum);
    }

    // 8 rows of 4 steps -> 4 steps of 8 rows
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(float* a, nint row, out Vector256<float> t0, out Vector256<float> t1, out Vector256<float> t2, out Vector256<float> t3)
    {
        float* a4 = a + 4 * row;
        Vector256<float> r0 = Vector256.Create(Vector128.Load(a), Vector128.Load(a4));
        Vector256<float> r1 = Vector256.Create(Vector128.Load(a + row), Vector128.Load(a4 + row));
        Vector256<float> r2 = Vector256.Create(Vector128.Load(a + 2 * row), Vector128.Load(a4 + 2 * row));
        Vector256<float> r3 = Vector256.Create(Vector128.Load(a + 3 * row), Vector128.Load(a4 + 3 * row));
        Vector256<float> u0 = Avx.UnpackLow(r0, r1), u1 = Avx.UnpackHigh(r0, r1), u2 = Avx.UnpackLow(r2, r3), u3 = Avx.UnpackHigh(r2, r3);
        t0 = Avx.Shuffle(u0, u2, 0x44);
        t1 = Avx.Shuffle(u0, u2, 0xEE);
        t2 = Avx.Shuffle(u1, u3, 0x44);
        t3 = Avx.Shuffle(u1, u3, 0xEE);
    }
}
