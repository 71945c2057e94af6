using System.Numerics;
using System.Runtime.Intrinsics.X86;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>Every path that this processor has runs in one process: the sets are rows of the theories.</summary>
public sealed unsafe class MatMulKernelTests
{
    private static readonly (bool A, bool B)[] s_transposes = [(false, false), (false, true), (true, false), (true, true)];

    public static TheoryData<InstructionSet> Sets => [.. Instructions.Available];

    public static TheoryData<InstructionSet, bool, bool> SetsAndTransposes
    {
        get
        {
            var data = new TheoryData<InstructionSet, bool, bool>();
            foreach (InstructionSet set in Instructions.Available)
                foreach ((bool a, bool b) in s_transposes) data.Add(set, a, b);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(SetsAndTransposes))]
    public void A_product_is_the_triple_loops_within_rounding(InstructionSet set, bool transposeA, bool transposeB)
    {
        int[] sizes = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 64, 65, 100];
        using var team = new ThreadTeam(2);
        var random = new RandomStream(1, "sizes", transposeA ? 1 : 0, transposeB ? 1 : 0);
        for (int round = 0; round < 150; round++)
        {
            (int m, int n) = (sizes[random.Next(sizes.Length)], sizes[random.Next(sizes.Length)]);
            int k = random.Next(10) == 0 ? 0 : sizes[random.Next(sizes.Length)];
            new ProductCase(transposeA, transposeB, m, n, k, extra: random.Next(3) * 5, accumulate: random.Next(2) == 0).Check(MicroKernel.For(set), team);
        }
    }

    [Theory]
    [MemberData(nameof(SetsAndTransposes))]
    public void Sizes_with_several_blocks_panels_and_slices_are_right(InstructionSet set, bool transposeA, bool transposeB)
    {
        using var team = new ThreadTeam(2);
        new ProductCase(transposeA, transposeB, 3, 5, 5000, extra: 3, accumulate: true).Check(MicroKernel.For(set), team);
        new ProductCase(transposeA, transposeB, 20, 70, 1537, extra: 0, accumulate: false).Check(MicroKernel.For(set), team);
        new ProductCase(transposeA, transposeB, 150, 40, 800, extra: 1, accumulate: true).Check(MicroKernel.For(set), team);
        new ProductCase(transposeA, transposeB, 1, 1000, 129, extra: 0, accumulate: false).Check(MicroKernel.For(set), team);
        new ProductCase(transposeA, transposeB, 1000, 1, 129, extra: 2, accumulate: false).Check(MicroKernel.For(set), team);
        new ProductCase(transposeA, transposeB, 9, 640, 33, extra: 0, accumulate: true).Check(MicroKernel.For(set), team);
        foreach (int few in new[] { 1, 2, 3, 4, 6 })                        // few rows or columns: tiles of their own
        {
            new ProductCase(transposeA, transposeB, few, 107, 779, extra: few % 2, accumulate: few % 2 == 0).Check(MicroKernel.For(set), team);
            new ProductCase(transposeA, transposeB, 107, few, 779, extra: few % 2, accumulate: few % 2 == 1).Check(MicroKernel.For(set), team);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    [Trait("Category", "Slow")]
    public void A_sum_too_long_to_be_packed_at_once_is_right(InstructionSet set)
    {
        using var team = new ThreadTeam(2);
        foreach ((bool a, bool b) in s_transposes) new ProductCase(a, b, 17, 8, 160_000, extra: 0, accumulate: true).Check(MicroKernel.For(set), team);
    }

    [Theory]
    [MemberData(nameof(SetsAndTransposes))]
    public void The_number_of_threads_changes_no_bit(InstructionSet set, bool transposeA, bool transposeB)
    {
        foreach ((int m, int n, int k) in new[] { (130, 70, 900), (70, 130, 90), (1, 600, 200), (13, 640, 100), (333, 12, 50) })
        {
            var product = new ProductCase(transposeA, transposeB, m, n, k, extra: 0, accumulate: true);
            float[] alone = product.Run(MicroKernel.For(set), 1);
            foreach (int threads in new[] { 2, 3, 6 })                       // a team of 6 shares one packed operand
                Assert.Equal(alone, product.Run(MicroKernel.For(set), threads));
        }
    }

    [Theory]
    [MemberData(nameof(SetsAndTransposes))]
    public void A_row_is_the_same_bits_whatever_the_other_rows_are(InstructionSet set, bool transposeA, bool transposeB)
    {
        var whole = new ProductCase(transposeA, transposeB, 70, 96, 800, extra: 0, accumulate: false);
        float[] rows = whole.Run(MicroKernel.For(set), 2);
        foreach ((int first, int count) in new[] { (0, 1), (69, 1), (3, 2), (10, 7), (20, 17), (5, 60) })
            Assert.Equal(rows[(first * 96)..((first + count) * 96)], whole.RunRows(MicroKernel.For(set), 2, first, count));
    }

    [Fact]
    public void All_instruction_sets_with_fused_multiply_adds_give_the_same_bits()
    {
        if (!Fma.IsSupported || !Vector.IsHardwareAccelerated) return;       // the portable kernel then rounds twice
        foreach ((bool a, bool b) in s_transposes)
        {
            var product = new ProductCase(a, b, 75, 133, 1000, extra: 0, accumulate: true);
            float[] portable = product.Run(MicroKernel.For(InstructionSet.Portable), 2);
            foreach (InstructionSet set in Instructions.Available) Assert.Equal(portable, product.Run(MicroKernel.For(set), 2));
        }
    }

    [Fact]
    public void Products_from_inside_a_job_are_right_on_each_worker()
    {
        using var team = new ThreadTeam(3);
        var product = new ProductCase(false, true, 40, 50, 60, extra: 0, accumulate: false);
        float[] expected = product.Run(MicroKernel.For(Instructions.Current), 1);
        float[][] results = new float[30][];
        team.For(30, 1, (_, start, _) => results[start] = product.RunOn(MicroKernel.For(Instructions.Current), team, 0, 40));
        Assert.All(results, result => Assert.Equal(expected, result));
    }

    [Fact]
    public void Products_from_several_threads_at_a_time_are_right()
    {
        var product = new ProductCase(false, true, 90, 100, 110, extra: 0, accumulate: false);
        float[] expected = product.Run(MicroKernel.For(Instructions.Current), 1);
        using var team = new ThreadTeam(2);
        float[][] results = new float[40][];
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(t => new Thread(() =>
        {
            for (int i = t; i < results.Length; i += 4) results[i] = product.RunOn(MicroKernel.For(Instructions.Current), team, 0, 90);
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.All(results, result => Assert.Equal(expected, result));
    }

    [Fact]
    public void After_the_first_a_product_allocates_nothing()
    {
        using var team = new ThreadTeam(1);
        var product = new ProductCase(false, true, 50, 60, 70, extra: 0, accumulate: false);
        MicroKernel kernel = MicroKernel.For(Instructions.Current);
        float[] c = new float[50 * 60];
        product.RunInto(c, kernel, team);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) product.RunInto(c, kernel, team);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void NaN_and_infinity_in_a_row_stay_in_that_row()
    {
        // 3 rows of 1, of which one holds a NaN and one an infinity, times a 17-column matrix of 1.
        foreach (InstructionSet set in Instructions.Available)
        {
            float[] a = [1, 1, float.NaN, 1, float.PositiveInfinity, 1], b = new float[34], c = new float[51];
            Array.Fill(b, 1);
            using var team = new ThreadTeam(1);
            fixed (float* pa = a, pb = b, pc = c)
                MatMulKernel.Multiply(MicroKernel.For(set), team, false, false, 3, 17, 2, pa, 2, pb, 17, pc, 17, false);
            Assert.All(c[..17], x => Assert.Equal(2, x));
            Assert.All(c[17..34], x => Assert.Equal(float.NaN, x));
            Assert.All(c[34..], x => Assert.Equal(float.PositiveInfinity, x));
        }
    }
}
