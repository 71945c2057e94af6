using System.Diagnostics;
using System.Numerics;

namespace Leftover.Tensors.Kernels;

/// <summary>Matrix products C = op(A)·op(B) (+ C) over row-major fp32 matrices; op is nothing or a transposition.</summary>
public static unsafe class MatMulKernel
{
    /// <summary>C = op(A)·op(B), or C += op(A)·op(B), on the process's team; on one thread alone from inside a job of it.</summary>
    /// <remarks>The result does not depend on the number of threads. With k = 0 the product is zero.</remarks>
    /// <param name="transposeA">A is stored [k, m] instead of [m, k].</param>
    /// <param name="transposeB">B is stored [n, k] instead of [k, n].</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">The length of each sum.</param>
    /// <param name="a">A's first element.</param>
    /// <param name="lda">Floats from one stored row of A to the next.</param>
    /// <param name="b">B's first element.</param>
    /// <param name="ldb">Floats from one stored row of B to the next.</param>
    /// <param name="c">C's first element; C overlaps neither A nor B.</param>
    /// <param name="ldc">Floats from one row of C to the next.</param>
    /// <param name="accumulate">Adds to C; otherwise what C held is not read.</param>
    public static void Multiply(bool transposeA, bool transposeB, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc, bool accumulate)
    {
        Debug.Assert(m >= 0 && n >= 0 && k >= 0);
        Debug.Assert(ldc >= n && lda >= (transposeA ? m : k) && ldb >= (transposeB ? k : n));
        if (m == 0 || n == 0) return;
        ThreadTeam.Shared.For(m, 8, (_, start, end) =>
        {
            for (long i = start; i < end; i++)
            {
                Span<float> row = new(c + i * ldc, n);
                if (!accumulate) row.Clear();
                if (transposeB) AddDots(transposeA ? a + i : a + i * lda, transposeA ? lda : 1, k, b, ldb, row);
                else AddRows(transposeA ? a + i : a + i * lda, transposeA ? lda : 1, k, b, ldb, row);
            }
        });
    }

    private static void AddRows(float* a, nint step, int k, float* b, nint ldb, Span<float> c)
    {
        for (int p = 0; p < k; p++)
        {
            float scale = a[p * step];
            var row = new ReadOnlySpan<float>(b + p * ldb, c.Length);
            int j = 0;
            for (; j <= c.Length - Vector<float>.Count; j += Vector<float>.Count)
                (new Vector<float>(row[j..]) * scale + new Vector<float>(c[j..])).CopyTo(c[j..]);
            for (; j < c.Length; j++) c[j] += scale * row[j];
        }
    }

    private static void AddDots(float* a, nint step, int k, float* b, nint ldb, Span<float> c)
    {
        for (int j = 0; j < c.Length; j++)
        {
            float* row = b + j * ldb;
            float sum = 0;
            int p = 0;
            if (step == 1)
            {
                Vector<float> lanes = Vector<float>.Zero;
                for (; p <= k - Vector<float>.Count; p += Vector<float>.Count) lanes += Vector.Load(a + p) * Vector.Load(row + p);
                sum = Vector.Sum(lanes);
            }
            for (; p < k; p++) sum += a[p * step] * row[p];
            c[j] += sum;
        }
    }
}
