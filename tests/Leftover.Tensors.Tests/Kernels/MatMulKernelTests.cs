using Leftover.Tensors.Kernels;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Kernels;

public sealed unsafe class MatMulKernelTests
{
    public static TheoryData<bool, bool> Transposes => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(Transposes))]
    public void A_product_is_the_triple_loops_within_rounding(bool transposeA, bool transposeB)
    {
        int[] sizes = [1, 2, 3, 7, 8, 9, 16, 17, 47, 48, 49, 65, 100];
        var random = new RandomStream(1, "sizes", transposeA ? 1 : 0, transposeB ? 1 : 0);
        for (int round = 0; round < 150; round++)
            Check(transposeA, transposeB, sizes[random.Next(sizes.Length)], sizes[random.Next(sizes.Length)],
                random.Next(10) == 0 ? 0 : sizes[random.Next(sizes.Length)], extra: random.Next(3) * 5, accumulate: random.Next(2) == 0);
    }

    [Theory]
    [MemberData(nameof(Transposes))]
    public void Long_sums_are_right(bool transposeA, bool transposeB)
    {
        Check(transposeA, transposeB, 3, 5, 5000, extra: 3, accumulate: true);
        Check(transposeA, transposeB, 20, 70, 1537, extra: 0, accumulate: false);
    }

    private static void Check(bool transposeA, bool transposeB, int m, int n, int k, int extra, bool accumulate)
    {
        const int guard = 64;
        const float untouched = 12345f;
        int lda = (transposeA ? m : k) + extra, ldb = (transposeB ? k : n) + extra, ldc = n + extra;
        var random = new RandomStream(7, "matrices", m, n, k);
        float[] a = Random(random, lda * (transposeA ? k : m)), b = Random(random, ldb * (transposeB ? n : k));
        float[] c = new float[guard + ldc * m + guard];
        Array.Fill(c, untouched);
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) c[guard + i * ldc + j] = accumulate ? (float)random.NextNormal() : float.NaN;
        (double[] product, double[] magnitude) =
            NaiveMatMul.Multiply(transposeA, transposeB, m, n, k, a, lda, b, ldb, c.AsSpan(guard), ldc, accumulate);

        fixed (float* pa = a, pb = b, pc = c)
            MatMulKernel.Multiply(transposeA, transposeB, m, n, k, pa, lda, pb, ldb, pc + guard, ldc, accumulate);

        string name = $"{m} x {n} x {k}, transposed ({transposeA}, {transposeB}), accumulate {accumulate}, extra {extra}";
        for (int at = 0; at < c.Length; at++)
        {
            int i = (at - guard) / ldc, j = (at - guard) % ldc;
            if (at < guard || i >= m || j >= n)
            {
                Assert.True(c[at] == untouched, $"{name}: wrote outside C at {at - guard}.");
                continue;
            }
            double error = Math.Abs(c[at] - product[i * n + j]), bound = 1e-7 * (4 + Math.Sqrt(k)) * magnitude[i * n + j];
            Assert.True(error <= bound, $"{name}: C[{i}, {j}] is {c[at]}, the triple loop's is {product[i * n + j]}; off by {error}, allowed {bound}.");
        }
    }

    private static float[] Random(RandomStream random, int count)
    {
        float[] values = new float[Math.Max(count, 1)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextNormal();
        return values;
    }
}
