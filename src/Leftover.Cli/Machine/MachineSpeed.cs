using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Cli.Machine;

/// <summary>A speed on one thread and on all.</summary>
/// <param name="OneThread">On one thread, the others idle.</param>
/// <param name="AllThreads">On all of them together.</param>
internal sealed record Speed(double OneThread, double AllThreads);

/// <summary>What the processor does at most in one number type.</summary>
/// <param name="Dtype">The type.</param>
/// <param name="Gflops">Multiply-adds in registers, 10⁹ operations a second.</param>
internal sealed record Peak(string Dtype, Speed Gflops);

/// <summary>How fast this machine computes: short measurements, on one thread and on all.</summary>
internal static unsafe class MachineSpeed
{
    private const int Size = 768;
    private const int ReadFloats = 32 << 20;                 // 128 MiB: more than the caches of most machines
    private const long LoopIterations = 200_000;             // about a millisecond
    private static readonly TimeSpan s_enough = TimeSpan.FromSeconds(0.25);

    /// <summary>The loop of each number type that has one; it returns the operations done by this thread.</summary>
    private static readonly (string Dtype, Func<long, double> Loop)[] s_loops =
        [("fp32", FmaLoop.Run), .. BFloat16Loop.IsSupported ? [("bf16", BFloat16Loop.Run)] : Array.Empty<(string, Func<long, double>)>()];

    /// <summary>The peak of each number type that has products here.</summary>
    public static IReadOnlyList<Peak> Peaks(TimeProvider clock) => [.. s_loops.Select(loop => new Peak(loop.Dtype, LoopSpeed(clock, loop.Loop)))];

    /// <summary>The best speed of a square fp32 product, in 10⁹ operations a second.</summary>
    public static Speed ProductGflops(TimeProvider clock)
    {
        using NativeBlock a = new(Size * Size), b = new(Size * Size), c = new(Size * Size);
        a.Span(0, Size * Size).Fill(1);
        b.Span(0, Size * Size).Fill(1);
        return Measure(clock, 2.0 * Size * Size * Size, () => MatMulKernel.Multiply(false, false, Size, Size, Size, a.Pointer, Size, b.Pointer, Size, c.Pointer, Size, accumulate: false));
    }

    /// <summary>The best speed of reading a large block, in 10⁹ bytes a second.</summary>
    public static Speed ReadGigabytes(TimeProvider clock)
    {
        using NativeBlock memory = new(ReadFloats);
        return Measure(clock, ReadFloats * (double)sizeof(float), () => ReadLoop.Run(memory));
    }

    private static Speed LoopSpeed(TimeProvider clock, Func<long, double> loop)
    {
        double operations = loop(1) * LoopIterations;
        ThreadTeam team = ThreadTeam.Shared;
        return new Speed(
            operations / Best(clock, () => loop(LoopIterations)).TotalSeconds / 1e9,
            team.Size * operations / Best(clock, () => team.For(team.Size, 1, (_, _, _) => loop(LoopIterations))).TotalSeconds / 1e9);
    }

    // Inside a job of the team, work for the team runs on that thread alone.
    private static Speed Measure(TimeProvider clock, double amount, Action run) => new(
        amount / Best(clock, () => ThreadTeam.Shared.For(1, 1, (_, _, _) => run())).TotalSeconds / 1e9,
        amount / Best(clock, run).TotalSeconds / 1e9);

    // The best of many runs: others' work on the machine can only slow one down.
    private static TimeSpan Best(TimeProvider clock, Action run)
    {
        run();
        TimeSpan best = TimeSpan.MaxValue;
        for (long began = clock.GetTimestamp(); clock.GetElapsedTime(began) < s_enough;)
        {
            long start = clock.GetTimestamp();
            run();
            TimeSpan taken = clock.GetElapsedTime(start);
            if (taken < best) best = taken;
        }
        return best;
    }
}
