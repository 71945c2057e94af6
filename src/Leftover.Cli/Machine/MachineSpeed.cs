using System.Numerics.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Cli.Machine;

/// <summary>How fast this machine computes: two short measurements on all threads.</summary>
internal static unsafe class MachineSpeed
{
    private const int Size = 768;
    private const int ReadFloats = 32 << 20;                 // 128 MiB: more than the caches of most machines
    private static readonly TimeSpan s_enough = TimeSpan.FromSeconds(0.3);

    /// <summary>The best speed of a square fp32 product, in 10⁹ operations a second.</summary>
    public static double ProductGflops(TimeProvider clock)
    {
        using NativeBlock a = new(Size * Size), b = new(Size * Size), c = new(Size * Size);
        a.Span(0, Size * Size).Fill(1);
        b.Span(0, Size * Size).Fill(1);
        TimeSpan best = Best(clock, () => MatMulKernel.Multiply(false, false, Size, Size, Size, a.Pointer, Size, b.Pointer, Size, c.Pointer, Size, accumulate: false));
        return 2.0 * Size * Size * Size / best.TotalSeconds / 1e9;
    }

    /// <summary>The best speed of reading a large block, in 10⁹ bytes a second.</summary>
    public static double ReadGigabytes(TimeProvider clock)
    {
        const int block = 1 << 20;
        using NativeBlock memory = new(ReadFloats);
        float[] sums = new float[ReadFloats / block];
        TimeSpan best = Best(clock, () => ThreadTeam.Shared.For(ReadFloats, block, (_, start, end) => sums[start / block] = TensorPrimitives.Sum<float>(memory.Span(start, (int)(end - start)))));
        return ReadFloats * (double)sizeof(float) / best.TotalSeconds / 1e9;
    }

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
