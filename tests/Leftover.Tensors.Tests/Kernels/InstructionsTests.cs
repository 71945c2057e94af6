using System.Runtime.Intrinsics.X86;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Kernels;

public sealed class InstructionsTests
{
    private static readonly InstructionSet[] s_all = [InstructionSet.Portable, InstructionSet.Avx2, InstructionSet.Avx512];

    [Fact]
    public void The_best_set_is_taken_unless_one_is_named()
    {
        Assert.Equal(InstructionSet.Avx512, Instructions.Choose(null, s_all));
        Assert.Equal(InstructionSet.Avx512, Instructions.Choose(" ", s_all));
        Assert.Equal(InstructionSet.Portable, Instructions.Choose("portable", s_all));
        Assert.Equal(InstructionSet.Avx2, Instructions.Choose("AVX2", s_all));
        Assert.Equal(InstructionSet.Portable, Instructions.Choose(null, [InstructionSet.Portable]));
    }

    [Theory]
    [InlineData("avx512")]
    [InlineData("sse9")]
    [InlineData("2")]
    public void A_set_that_is_not_to_be_had_is_refused_with_those_that_are(string wanted)
    {
        var thrown = Assert.Throws<PlatformNotSupportedException>(() => Instructions.Choose(wanted, s_all[..2]));
        Assert.Contains($"'{wanted}'", thrown.Message);
        Assert.Contains("portable, avx2", thrown.Message);
    }

    [Fact]
    public void Only_what_the_runtime_allows_is_available()
    {
        Assert.Equal(InstructionSet.Portable, Instructions.Available[0]);
        Assert.Equal(Avx2.IsSupported && Fma.IsSupported, Instructions.Available.Contains(InstructionSet.Avx2));
        bool switchedOff = Environment.GetEnvironmentVariable("DOTNET_EnableAVX512F") == "0";
        Assert.Equal(Avx512F.IsSupported && !switchedOff, Instructions.Available.Contains(InstructionSet.Avx512));
    }

    [Fact]
    public void An_assembled_set_that_is_available_really_runs_assembled_code()
    {
        foreach (InstructionSet set in Instructions.Available)
            Assert.Equal(set != InstructionSet.Portable, MicroKernel.For(set) is AssembledKernel);
    }

    [Fact]
    public void Bf16_is_read_out_of_the_seventh_leafs_first_subleaf_where_there_is_one()
    {
        Assert.True(Instructions.ReportsBFloat16(Leaves(highest: 13, subleaves: 1, eax: 1 << 5 | 1 << 4)));
        Assert.False(Instructions.ReportsBFloat16(Leaves(highest: 13, subleaves: 1, eax: ~(1 << 5))));
        Assert.False(Instructions.ReportsBFloat16(Leaves(highest: 13, subleaves: 0, eax: -1)));
        Assert.False(Instructions.ReportsBFloat16(Leaves(highest: 6, subleaves: 1, eax: -1)));

        static Func<int, int, (int, int, int, int)> Leaves(int highest, int subleaves, int eax) =>
            (leaf, subleaf) => (leaf, subleaf) switch { (0, _) => (highest, 0, 0, 0), (7, 0) => (subleaves, 0, 0, 0), (7, 1) => (eax, 0, 0, 0), _ => (-1, -1, -1, -1) };
    }

    [Fact]
    public void Bf16_needs_the_instruction_set_it_belongs_to()
    {
        Assert.Null(MicroKernel.ForBFloat16(InstructionSet.Avx2));
        Assert.Null(MicroKernel.ForBFloat16(InstructionSet.Portable));
        bool expected = Instructions.ProcessorHasBFloat16 && Instructions.Available.Contains(InstructionSet.Avx512);
        Assert.Equal(expected, MicroKernel.ForBFloat16(InstructionSet.Avx512) is not null);
        Assert.Equal(expected && Instructions.Current == InstructionSet.Avx512, Instructions.HasBFloat16);
    }
}
