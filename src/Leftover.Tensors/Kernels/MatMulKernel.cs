using System.Diagnostics;

namespace Leftover.Tensors.Kernels;

/// <summary>Matrix products C = op(A)·op(B) (+ C) (+ bias) over row-major fp32 matrices; op is nothing or a transposition.</summary>
/// <remarks>In bf16 the operands' values are rounded as they are packed; the matrices in memory and all sums are fp32 there too.</remarks>
public static unsafe class MatMulKernel
{
    /// <summary>C = op(A)·op(B), or C += op(A)·op(B), on the process's team; on one thread alone from inside a job of it.</summary>
    /// <remarks>
    /// An element's bits depend on its row of op(A), its column of op(B) and k alone: not on the number of threads, not on the other rows and
    /// columns, and among processors with fused multiply-adds not on the instruction set. In bf16 they depend on no processor but for what lies
    /// below 2⁻¹²⁶, which <c>vdpbf16ps</c> takes for zero. With k = 0 the product is zero.
    /// </remarks>
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
    /// <param name="type">In what numbers the operands are multiplied.</param>
    /// <param name="bias">[n], added to each row of C when its sums are complete; or null.</param>
    public static void Multiply(
        bool transposeA, bool transposeB, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc, bool accumulate,
        ComputeType type = ComputeType.Float32, float* bias = null) =>
        Multiply(ProductKernel.For(Instructions.Current, type), ThreadTeam.Shared, transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate, bias);

    /// <summary>The same with a kernel and a team of the caller's choice.</summary>
    internal static void Multiply(
        ProductKernel kernel, ThreadTeam team, bool transposeA, bool transposeB, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc, bool accumulate,
        float* bias = null)
    {
        Debug.Assert(m >= 0 && n >= 0 && k >= 0);
        Debug.Assert(ldc >= n && lda >= (transposeA ? m : k) && ldb >= (transposeB ? k : n));
        if (m == 0 || n == 0) return;
        if (k == 0)
        {
            for (int i = 0; i < m; i++)
            {
                if (!accumulate) new Span<float>(c + (nint)i * ldc, n).Clear();
                if (bias != null) RowKernel.AddVector(c + (nint)i * ldc, bias, n, 0, 1);
            }
            return;
        }
        BlockedProduct.Multiply(kernel, team, new Operand(a, lda, m, transposeA), new Operand(b, ldb, n, !transposeB), k, c, ldc, accumulate, bias);
    }
}
