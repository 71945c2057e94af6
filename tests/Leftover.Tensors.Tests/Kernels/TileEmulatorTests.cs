using Iced.Intel;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Tests.Oracles;

namespace Leftover.Tensors.Tests.Kernels;

/// <summary>The code of every tile, also of those that this processor cannot run: on the emulated processor, which is held to the real one first.</summary>
public sealed unsafe class TileEmulatorTests
{
    private static readonly (string Name, TileFamily Family)[] s_families = [("avx2", TileFamily.Avx2), ("avx512", TileFamily.Avx512), ("bfloat16", TileFamily.BFloat16)];

    public static TheoryData<string> Families => [.. s_families.Select(f => f.Name)];

    [Fact]
    public void The_emulated_processor_computes_what_this_one_computes()
    {
        foreach (InstructionSet set in Instructions.Available)
        {
            if (set == InstructionSet.Portable) continue;
            foreach (TileShape shape in (set == InstructionSet.Avx512 ? TileFamily.Avx512 : TileFamily.Avx2).Shapes())
                Compare(shape);
        }
    }

    [Fact]
    public void The_emulated_bf16_instruction_computes_what_this_processors_computes()
    {
        if (!Instructions.ProcessorHasBFloat16) return;
        foreach (TileShape shape in TileFamily.BFloat16.Shapes()) Compare(shape);
    }

    [Theory, MemberData(nameof(Families))]
    public void Every_element_of_every_tile_is_one_chain_of_multiply_adds(string name)
    {
        bool pairs = name == "bfloat16";
        foreach (TileShape shape in s_families.Single(f => f.Name == name).Family.Shapes())
            foreach (int steps in new[] { 1, 3, 4, 9 })
            {
                using var place = new TileMemory(shape, steps, gap: steps == 4 ? 5 : 0, pairs);
                bool accumulate = steps % 2 == 1, bias = steps > 3;
                float[] expected = place.Chains(accumulate, bias, pairs);
                var emulator = new TileEmulator(new TileAssembler(shape).Assemble(windows: false));
                place.Run((code, tile) => emulator.Run(tile, windows: false), accumulate, bias, emulator);
                Assert.Equal(expected, place.C());
                place.CheckGuards();
            }
    }

    [Theory, MemberData(nameof(Families))]
    public void The_code_for_Windows_computes_the_same_and_gives_back_the_registers_that_Windows_wants_back(string name)
    {
        bool pairs = name == "bfloat16";
        foreach (TileShape shape in s_families.Single(f => f.Name == name).Family.Shapes())
        {
            using var place = new TileMemory(shape, steps: 5, gap: 1, pairs);
            var emulator = new TileEmulator(new TileAssembler(shape).Assemble(windows: true));
            Register[] preserved = [Register.RBX, Register.RBP, Register.RSP, Register.RSI, Register.RDI, Register.R12, Register.R13, Register.R14, Register.R15];
            foreach (Register register in preserved) emulator[register] = 0x0123456789ABCDEF * (ulong)register.GetNumber();
            for (int r = 6; r < 16; r++) for (int lane = 0; lane < 16; lane++) emulator.Vector(r)[lane] = (uint)(1000 * r + lane);

            place.Run((code, tile) => emulator.Run(tile, windows: true), accumulate: true, bias: true, emulator);
            Assert.Equal(place.Chains(accumulate: true, bias: true, pairs), place.C());
            foreach (Register register in preserved) Assert.Equal(0x0123456789ABCDEF * (ulong)register.GetNumber(), emulator[register]);
            for (int r = 6; r < 16; r++) for (int lane = 0; lane < 4; lane++) Assert.Equal((uint)(1000 * r + lane), emulator.Vector(r)[lane]);
        }
    }

    [Fact]
    public void A_pair_is_added_upper_half_first_with_a_rounding_after_each_and_denormals_are_zero()
    {
        const float big = 1 << 25;                                           // the floats around it lie 4 apart, below it 2
        Assert.Equal(0, Dot(2, upper: (1, big), lower: (1, -big)));          // 2²⁵ + 2 is a tie and goes to 2²⁵; the other way round 2 would be left
        Assert.Equal(2, Dot(2, upper: (1, -big), lower: (1, big)));
        Assert.Equal(1 << 24, Dot(1 << 24, upper: (1, 1), lower: (1, 1)));   // two ties, both to the even number; the pair's sum would count
        float smallest = MathF.ScaleB(1, -126);
        Assert.Equal(0, Dot(0, upper: (smallest, 0.5f), lower: (0, 0)));     // a denormal result
        Assert.Equal(0, Dot(0, upper: (smallest / 2, 4), lower: (0, 0)));    // a denormal operand
        Assert.Equal(0, Dot(smallest / 2, upper: (0, 0), lower: (0, 0)));    // a denormal sum
        Assert.Equal(smallest, Dot(0, upper: (smallest, 1), lower: (0, 0)));

        static float Dot(float sum, (float X, float Y) upper, (float X, float Y) lower) =>
            BitConverter.UInt32BitsToSingle(TileEmulator.DotPair(BitConverter.SingleToUInt32Bits(sum), TileMemory.Pair(lower.X, upper.X), TileMemory.Pair(lower.Y, upper.Y)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void The_loop_of_bf16_pairs_runs_as_often_as_it_is_told_and_changes_no_register_that_a_caller_keeps(bool windows)
    {
        var emulator = new TileEmulator(BFloat16Loop.Assemble(windows));
        for (int r = 6; r < 16; r++) for (int lane = 0; lane < 16; lane++) emulator.Vector(r)[lane] = (uint)(1000 * r + lane);
        emulator.Memory.Add((0, 0));                                         // it may touch none
        emulator.Run((TileArguments*)3, windows);                            // the one argument: rounds
        Assert.Equal(3 * 20, emulator.Executed(Mnemonic.Vdpbf16ps));
        for (int r = 6; r < 16; r++) for (int lane = 0; lane < 4; lane++) Assert.Equal((uint)(1000 * r + lane), emulator.Vector(r)[lane]);
    }

    [Fact]
    public void Where_the_processor_has_no_bf16_the_loop_of_pairs_says_so()
    {
        if (BFloat16Loop.IsSupported) Assert.True(BFloat16Loop.Run(1) > 0);
        else Assert.Contains("AVX512_BF16", Assert.Throws<PlatformNotSupportedException>(() => BFloat16Loop.Run(1)).Message);
    }

    private static void Compare(TileShape shape)
    {
        byte[] code = new TileAssembler(shape).Assemble(OperatingSystem.IsWindows());
        var native = (delegate* unmanaged<TileArguments*, void>)ExecutableCode.Publish(code);
        var emulator = new TileEmulator(code);
        foreach (int steps in new[] { 1, 2, 4, 7 })
            foreach (bool accumulate in new[] { false, true })
            {
                using TileMemory real = new(shape, steps, gap: steps % 3, pairs: false), emulated = new(shape, steps, gap: steps % 3, pairs: false);
                real.Run((_, tile) => native(tile), accumulate, bias: steps % 2 == 0);
                emulated.Run((_, tile) => emulator.Run(tile, OperatingSystem.IsWindows()), accumulate, bias: steps % 2 == 0, emulator);
                Assert.Equal(real.C(), emulated.C());
                real.CheckGuards();
            }
    }
}
