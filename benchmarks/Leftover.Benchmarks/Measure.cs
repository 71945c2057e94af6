using System.Diagnostics;
using System.Runtime.InteropServices;
using Leftover.Tensors.Kernels;

namespace Leftover.Benchmarks;

/// <summary>How short measurements are taken: in samples of milliseconds, so that a busy machine disturbs as few of them as can be.</summary>
/// <remarks>
/// A sample of one thread is timed by that thread's processor time where the system tells it (Linux), which stands still while other processes
/// run. One of several threads is timed by the clock, and for half a second taken again while other processes interrupt it; then the best one stands.
/// </remarks>
internal static unsafe partial class Measure
{
    private const double ShortestSample = 0.003, LongestSearch = 0.5;
    private const int SamplesOfPeak = 15;
    private const long LoopIterations = 100_000;

    /// <summary>Amount per second of work that returns the amount it did.</summary>
    public static double Rate(Func<double> work)
    {
        double best = 0;
        bool alone = ThreadTeam.Shared.Size == 1 && OperatingSystem.IsLinux();
        for (double began = Clock(ofThisThread: false); Clock(ofThisThread: false) - began < LongestSearch || best == 0;)
        {
            long interruptions = Interruptions();
            double amount = 0, start = Clock(alone), passed;
            do amount += work();
            while ((passed = Clock(alone) - start) < ShortestSample);
            if (alone || Interruptions() == interruptions) return amount / passed;
            best = Math.Max(best, amount / passed);
        }
        return best;
    }

    /// <summary>Operations a second of multiply-adds in registers, with all threads of the team: a sample of it.</summary>
    public static double FmaRate() => Rate(() => FmaLoop.Run(ThreadTeam.Shared, LoopIterations));

    /// <summary>Operations a second of multiply-adds of bf16 pairs in registers, with all threads of the team: a sample of it.</summary>
    public static double BFloat16Rate() => Rate(() => BFloat16Loop.Run(ThreadTeam.Shared, LoopIterations));

    /// <summary>The peak of a number type out of many samples: to be held against what takes seconds. Where bf16 has no instruction its products are those of fp32.</summary>
    public static double SteadyPeak(ComputeType type) =>
        Median(Enumerable.Range(0, SamplesOfPeak).Select(_ => type == ComputeType.BFloat16 && BFloat16Loop.IsSupported ? BFloat16Rate() : FmaRate()));

    /// <summary>Seconds that work takes by the clock.</summary>
    public static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The median; of an even number the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Clock(bool ofThisThread)
    {
        const int threadProcessorTime = 3;
        if (!ofThisThread) return (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
        long* time = stackalloc long[2];
        return GetTime(threadProcessorTime, time) == 0 ? time[0] + 1e-9 * time[1] : throw new InvalidOperationException("clock_gettime does not tell a thread's processor time.");
    }

    // Involuntary context switches of the process's threads: the last of the 18 words of getrusage.
    private static long Interruptions()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        long* usage = stackalloc long[18];
        return GetUsage(0, usage) == 0 ? usage[17] : 0;
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, long* usage);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, long* time);
}
