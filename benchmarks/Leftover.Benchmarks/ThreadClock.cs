using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Leftover.Benchmarks;

/// <summary>Milliseconds that this thread has computed (Linux), which other processes disturb less than the time of day; elsewhere the time of day.</summary>
internal static unsafe partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    public static double Milliseconds
    {
        get
        {
            long* time = stackalloc long[2];
            return OperatingSystem.IsLinux() && GetTime(ThreadCpuTime, time) == 0 ? time[0] * 1e3 + time[1] / 1e6 : Stopwatch.GetTimestamp() * 1e3 / Stopwatch.Frequency;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, long* time);
}
