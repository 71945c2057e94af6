using Iced.Intel;
using Leftover.Tensors.Memory;
using static Iced.Intel.AssemblerRegisters;

namespace Leftover.Tensors.Kernels;

/// <summary>Multiply-adds of bf16 pairs in registers and nothing else: what <c>vdpbf16ps</c> could do at most, to be timed beside products in bf16.</summary>
/// <remarks>It is assembled, as .NET has no such instruction; <see cref="FmaLoop"/> is the same in fp32.</remarks>
public static unsafe class BFloat16Loop
{
    private const int Accumulators = 20;            // more than latency × units of any processor known: each waits for its own last result alone
    private const int PairsOfVector = 16, OperationsOfPair = 4;

    private static readonly Lazy<nint> s_loop = new(Publish);

    /// <summary>Whether products in bf16 use the instruction here.</summary>
    public static bool IsSupported => MicroKernel.ForBFloat16(Instructions.Current) is not null && s_loop.Value != 0;

    /// <summary>Runs the loop on this thread.</summary>
    /// <param name="iterations">Rounds of 20 instructions; at least 1.</param>
    /// <returns>The floating-point operations done, a multiply-add being two.</returns>
    /// <exception cref="PlatformNotSupportedException">The processor or the system has no such instruction (<see cref="IsSupported"/>).</exception>
    public static double Run(long iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        if (!IsSupported) throw new PlatformNotSupportedException("Multiply-adds of bf16 pairs need AVX512_BF16, which this processor, or the choice of instructions in the environment, does not have. Use fp32.");
        ((delegate* unmanaged<long, void>)s_loop.Value)(iterations);
        return (double)OperationsOfPair * PairsOfVector * Accumulators * iterations;
    }

    /// <summary>Runs the loop on each thread of a team.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="iterations">Rounds of 20 instructions on each; at least 1.</param>
    /// <returns>The floating-point operations done by all, a multiply-add being two.</returns>
    public static double Run(ThreadTeam team, long iterations)
    {
        double[] done = new double[team.Size];
        team.For(team.Size, 1, (_, share, _) => done[share] = Run(iterations));
        return done.Sum();
    }

    /// <summary>The code of <c>void Loop(long iterations)</c>. It uses only vectors that a callee may change on Windows too: 0 to 5 and 16 to 31.</summary>
    internal static byte[] Assemble(bool windows)
    {
        TileEncoding encoding = TileEncoding.ZmmBFloat16;
        Register[] vectors = [.. Enumerable.Range(0, 6).Concat(Enumerable.Range(16, 16)).Select(i => encoding.First + i)];
        var code = new Assembler(64);
        AssemblerRegister64 left = windows ? rcx : rdi;
        foreach (Register vector in vectors) code.AddInstruction(Instruction.Create(encoding.Clear, vector, vector, vector));
        Label loop = code.CreateLabel();
        code.Label(ref loop);
        for (int i = 0; i < Accumulators; i++) code.AddInstruction(Instruction.Create(encoding.MultiplyAdd, vectors[i], vectors[^2], vectors[^1]));
        code.dec(left);
        code.jne(loop);
        code.vzeroupper();
        code.ret();
        using var bytes = new MemoryStream();
        code.Assemble(new StreamCodeWriter(bytes), rip: 0);
        return bytes.ToArray();
    }

    private static nint Publish() => (nint)ExecutableCode.Publish(Assemble(OperatingSystem.IsWindows()));
}
