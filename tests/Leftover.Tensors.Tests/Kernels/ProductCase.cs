using Leftover.Tensors.Kernels;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>One product with random operands between guard bands.</summary>
internal sealed unsafe class ProductCase(bool transposeA, bool transposeB, int m, int n, int k, int extra, bool accumulate)
{
    private const int Guard = 64;
    private const float Untouched = 12345f;

    private readonly int _lda = (transposeA ? m : k) + extra, _ldb = (transposeB ? k : n) + extra, _ldc = n + extra;
    private readonly float[] _a = Random("a", ((transposeA ? m : k) + extra) * (transposeA ? k : m));
    private readonly float[] _b = Random("b", ((transposeB ? k : n) + extra) * (transposeB ? n : k));
    private readonly float[] _c = Random("c", (n + extra) * m);
    private readonly float[] _bias = Random("bias", n);

    public override string ToString() => $"{m} x {n} x {k}, transposed ({transposeA}, {transposeB}), accumulate {accumulate}, {extra} more floats a row";

    /// <summary>Holds the product, without a bias and with one, to the triple loop, in bf16 over rounded operands, and what lies around C to what it was.</summary>
    public void Check(ProductKernel kernel, ThreadTeam team)
    {
        float[] plain = Check(kernel, team, withBias: false), biased = Check(kernel, team, withBias: true);
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
            {
                int at = Guard + i * _ldc + j;
                Assert.True(biased[at] == plain[at] + _bias[j], $"{this}: the bias was not added last to C[{i}, {j}], which is {biased[at]}: {plain[at]} without it, and it is {_bias[j]}.");
            }
    }

    private float[] Check(ProductKernel kernel, ThreadTeam team, bool withBias)
    {
        bool rounded = kernel.Element != PackedElement.Float32;
        float[] a = rounded ? Array.ConvertAll(_a, NaiveBFloat16.Nearest) : _a, b = rounded ? Array.ConvertAll(_b, NaiveBFloat16.Nearest) : _b;
        (double[] product, double[] magnitude) = NaiveMatMul.Multiply(transposeA, transposeB, m, n, k, a, _lda, b, _ldb, _c, _ldc, accumulate);
        float[] c = new float[Guard + _ldc * m + Guard];
        Array.Fill(c, Untouched);
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) c[Guard + i * _ldc + j] = accumulate ? _c[i * _ldc + j] : float.NaN;

        fixed (float* pa = _a, pb = _b, pc = c, bias = _bias)
            MatMulKernel.Multiply(kernel, team, transposeA, transposeB, m, n, k, pa, _lda, pb, _ldb, pc + Guard, _ldc, accumulate, withBias ? bias : null);

        for (int at = 0; at < c.Length; at++)
        {
            int i = (at - Guard) / _ldc, j = (at - Guard) % _ldc;
            if (at < Guard || i >= m || j >= n)
            {
                Assert.True(c[at] == Untouched, $"{this}: wrote outside C at {at - Guard}.");
                continue;
            }
            // A chain of k roundings, each at most 2^-24 of a partial sum, wanders by about √k of them; 4 for the few that are certain.
            (double expected, double size) = withBias ? (product[i * n + j] + _bias[j], magnitude[i * n + j] + Math.Abs(_bias[j])) : (product[i * n + j], magnitude[i * n + j]);
            double error = Math.Abs(c[at] - expected), allowed = Math.ScaleB(4 + Math.Sqrt(k), -24) * size;
            Assert.True(error <= allowed, $"{this}: C[{i}, {j}] is {c[at]}, the triple loop's is {expected}; off by {error}, allowed {allowed}.");
        }
        return c;
    }

    public float[] Run(ProductKernel kernel, int threads) => RunRows(kernel, threads, 0, m);

    public float[] RunRows(ProductKernel kernel, int threads, int first, int count)
    {
        using var team = new ThreadTeam(threads);
        return RunOn(kernel, team, first, count);
    }

    public float[] RunOn(ProductKernel kernel, ThreadTeam team, int first, int count)
    {
        float[] c = _c[(first * _ldc)..((first + count) * _ldc)];
        fixed (float* pa = _a, pb = _b, pc = c)
            MatMulKernel.Multiply(kernel, team, transposeA, transposeB, count, n, k, pa + (transposeA ? first : first * _lda), _lda, pb, _ldb, pc, _ldc, accumulate);
        return c;
    }

    public void RunInto(float[] c, ProductKernel kernel, ThreadTeam team)
    {
        fixed (float* pa = _a, pb = _b, pc = c)
            MatMulKernel.Multiply(kernel, team, transposeA, transposeB, m, n, k, pa, _lda, pb, _ldb, pc, _ldc, accumulate);
    }

    private static float[] Random(string name, int count)
    {
        var random = new RandomStream(7, name, count);
        float[] values = new float[Math.Max(count, 1)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextNormal();
        return values;
    }
}
