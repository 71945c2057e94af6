namespace Leftover.Tensors.Tests.Oracles;

/// <summary>The matrix product as the definition has it: three loops, in double precision.</summary>
internal static class NaiveMatMul
{
    /// <summary>op(A)·op(B) (+ C), [m, n] row by row, and Σ|a·b| (+ |C|) of each element, which scales its rounding error.</summary>
    public static (double[] Product, double[] Magnitude) Multiply(
        bool transposeA, bool transposeB, int m, int n, int k,
        ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, ReadOnlySpan<float> c, int ldc, bool accumulate)
    {
        double[] product = new double[m * n], magnitude = new double[m * n];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
            {
                double sum = accumulate ? c[i * ldc + j] : 0, size = Math.Abs(sum);
                for (int p = 0; p < k; p++)
                {
                    double term = (double)(transposeA ? a[p * lda + i] : a[i * lda + p]) * (transposeB ? b[j * ldb + p] : b[p * ldb + j]);
                    sum += term;
                    size += Math.Abs(term);
                }
                (product[i * n + j], magnitude[i * n + j]) = (sum, size);
            }
        return (product, magnitude);
    }
}
