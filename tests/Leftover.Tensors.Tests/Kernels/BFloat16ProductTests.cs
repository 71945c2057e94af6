using Leftover.Tensors.Kernels;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>Products of operands rounded to bf16: by this processor's kernels, and by the tiles of <c>vdpbf16ps</c> on an emulated one.</summary>
public sealed unsafe class BFloat16ProductTests
{
    private static readonly (bool A, bool B)[] s_transposes = [(false, false), (false, true), (true, false), (true, true)];
    private static readonly ProductKernel s_emulated = new(new EmulatedKernel(TileFamily.BFloat16), PackedElement.BFloat16Pair);

    public static TheoryData<string, bool, bool> KernelsAndTransposes
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach (string kernel in Kernels().Select(k => k.Name))
                foreach ((bool a, bool b) in s_transposes) data.Add(kernel, a, b);
            return data;
        }
    }

    [Theory, MemberData(nameof(KernelsAndTransposes))]
    public void A_product_is_the_triple_loops_over_rounded_operands(string name, bool transposeA, bool transposeB)
    {
        ProductKernel kernel = Kernel(name);
        int[] sizes = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 64, 65];
        using var team = new ThreadTeam(2);
        var random = new RandomStream(1, "sizes", transposeA ? 1 : 0, transposeB ? 1 : 0);
        for (int round = 0; round < (name == "emulated" ? 25 : 100); round++)
        {
            (int m, int n, int k) = (sizes[random.Next(sizes.Length)], sizes[random.Next(sizes.Length)], sizes[random.Next(sizes.Length)]);
            new ProductCase(transposeA, transposeB, m, n, k, extra: random.Next(3) * 5, accumulate: random.Next(2) == 0).Check(kernel, team);
        }
    }

    [Theory, MemberData(nameof(KernelsAndTransposes))]
    public void Sizes_with_several_blocks_panels_and_slices_are_right(string name, bool transposeA, bool transposeB)
    {
        ProductKernel kernel = Kernel(name);
        using var team = new ThreadTeam(2);
        new ProductCase(transposeA, transposeB, 3, 5, 5001, extra: 3, accumulate: true).Check(kernel, team);
        new ProductCase(transposeA, transposeB, 10, 50, 1537, extra: 0, accumulate: false).Check(kernel, team);
        new ProductCase(transposeA, transposeB, 50, 10, 1536, extra: 1, accumulate: true).Check(kernel, team);
        new ProductCase(transposeA, transposeB, 1, 200, 129, extra: 0, accumulate: false).Check(kernel, team);
        new ProductCase(transposeA, transposeB, 200, 1, 129, extra: 2, accumulate: false).Check(kernel, team);
        if (name == "emulated") return;
        new ProductCase(transposeA, transposeB, 150, 40, 1600, extra: 1, accumulate: true).Check(kernel, team);
        new ProductCase(transposeA, transposeB, 9, 640, 33, extra: 0, accumulate: true).Check(kernel, team);
        new ProductCase(transposeA, transposeB, 640, 300, 401, extra: 0, accumulate: true).Check(kernel, team);
    }

    [Fact]
    public void All_instruction_sets_give_the_same_bits_and_so_does_the_bf16_instruction()
    {
        // Products of rounded numbers are exact, so that a fused multiply-add rounds as a multiplication and an addition do.
        foreach ((int m, int n, int k) in new[] { (9, 50, 65), (3, 5, 3200), (50, 9, 1537) })
            foreach ((bool a, bool b) in s_transposes)
            {
                var product = new ProductCase(a, b, m, n, k, extra: 0, accumulate: true);
                float[] expected = product.Run(s_emulated, 1);
                foreach (InstructionSet set in Instructions.Available)
                    Assert.Equal(expected, product.Run(new ProductKernel(MicroKernel.For(set), PackedElement.RoundedFloat32), 2));
            }
    }

    [Theory, MemberData(nameof(KernelsAndTransposes))]
    public void The_number_of_threads_changes_no_bit(string name, bool transposeA, bool transposeB)
    {
        ProductKernel kernel = Kernel(name);
        (int M, int N, int K)[] sizes = name == "emulated" ? [(20, 60, 51)] : [(130, 70, 1700), (70, 130, 91), (1, 600, 200), (333, 12, 50)];
        foreach ((int m, int n, int k) in sizes)
        {
            var product = new ProductCase(transposeA, transposeB, m, n, k, extra: 0, accumulate: true);
            float[] alone = product.Run(kernel, 1);
            foreach (int threads in new[] { 2, 3, 6 }) Assert.Equal(alone, product.Run(kernel, threads));
        }
    }

    [Theory, MemberData(nameof(KernelsAndTransposes))]
    public void A_row_is_the_same_bits_whatever_the_other_rows_are(string name, bool transposeA, bool transposeB)
    {
        ProductKernel kernel = Kernel(name);
        (int m, int n, int k) = name == "emulated" ? (20, 17, 31) : (70, 96, 1600);
        var whole = new ProductCase(transposeA, transposeB, m, n, k, extra: 0, accumulate: false);
        float[] rows = whole.Run(kernel, 2);
        foreach ((int first, int count) in new[] { (0, 1), (19, 1), (3, 2), (10, 7), (2, 17) })
            Assert.Equal(rows[(first * n)..((first + count) * n)], whole.RunRows(kernel, 2, first, count));
    }

    [Fact]
    public void Every_kind_of_number_is_rounded_to_the_nearest()
    {
        // C = A·1 with one step of k: what A is rounded to. Ties up and down, the largest finite number, infinities, NaN and, as zero, denormals.
        float[] values =
        [
            1.00390625f, 1.01171875f, 1.0039063f, 1.0039062f, -1.00390625f, 3.3961776e38f, 3.3895313e38f, 3.38e38f, -3.4e38f, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity,
            float.NaN, BitConverter.UInt32BitsToSingle(0x7F800001), BitConverter.UInt32BitsToSingle(0xFFFFFFFF), 0, -0f, 1e-40f, -1e-40f, 1.1754942e-38f, 1.1754944e-38f, 1e-30f, MathF.PI,
        ];
        foreach ((string name, ProductKernel kernel) in Kernels())
            foreach ((bool transposeA, bool transposeB) in s_transposes)
                for (int copies = 1; copies <= 3; copies++)                  // of the row: the vector's lanes and the tail
                {
                    float[] a = [.. Enumerable.Repeat(values, copies).SelectMany(v => v)], one = [1], c = new float[a.Length];
                    using var team = new ThreadTeam(1);
                    fixed (float* pa = a, pb = one, pc = c) MatMulKernel.Multiply(kernel, team, transposeA, transposeB, a.Length, 1, 1, pa, transposeA ? a.Length : 1, pb, 1, pc, 1, false);
                    Assert.Equal(Array.ConvertAll(a, x => Math.Abs(NaiveBFloat16.Flush(NaiveBFloat16.Nearest(x))) == 0 ? 0 : NaiveBFloat16.Nearest(x)), c);
                }
    }

    [Fact]
    public void NaN_and_infinity_in_a_row_stay_in_that_row()
    {
        foreach ((string name, ProductKernel kernel) in Kernels())
        {
            float[] a = [1, 1, 1, float.NaN, 1, 1, float.PositiveInfinity, 1, 1], b = new float[51], c = new float[51];
            Array.Fill(b, 1);
            using var team = new ThreadTeam(1);
            fixed (float* pa = a, pb = b, pc = c) MatMulKernel.Multiply(kernel, team, false, false, 3, 17, 3, pa, 3, pb, 17, pc, 17, false);
            Assert.All(c[..17], x => Assert.Equal(3, x));
            Assert.All(c[17..34], x => Assert.Equal(float.NaN, x));
            Assert.All(c[34..], x => Assert.Equal(float.PositiveInfinity, x));
        }
    }

    [Fact]
    public void The_public_product_rounds_where_it_is_asked_to()
    {
        float[] a = [1 + MathF.ScaleB(1, -10)], b = [3], c = new float[1];
        fixed (float* pa = a, pb = b, pc = c)
        {
            MatMulKernel.Multiply(false, false, 1, 1, 1, pa, 1, pb, 1, pc, 1, accumulate: false, ComputeType.BFloat16);
            Assert.Equal(3, c[0]);
            MatMulKernel.Multiply(false, false, 1, 1, 1, pa, 1, pb, 1, pc, 1, accumulate: false);
            Assert.Equal(3 * a[0], c[0]);
        }
    }

    private static IEnumerable<(string Name, ProductKernel Kernel)> Kernels()
    {
        foreach (InstructionSet set in Instructions.Available) yield return (set.ToString(), new ProductKernel(MicroKernel.For(set), PackedElement.RoundedFloat32));
        if (Instructions.HasBFloat16) yield return ("instruction", ProductKernel.For(InstructionSet.Avx512, ComputeType.BFloat16));
        yield return ("emulated", s_emulated);
    }

    private static ProductKernel Kernel(string name) => Kernels().Single(kernel => kernel.Name == name).Kernel;
}
