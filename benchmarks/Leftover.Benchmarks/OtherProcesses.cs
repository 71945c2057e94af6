using System.Diagnostics;
using System.Globalization;

namespace Leftover.Benchmarks;

/// <summary>How much of the machine others take while this process and its children are measured (Linux; elsewhere it is not known and counts as nothing).</summary>
internal readonly struct OtherProcesses
{
    private const double TicksPerSecond = 100;
    private readonly double _seconds;
    private readonly long _began;

    private OtherProcesses(double seconds, long began) => (_seconds, _began) = (seconds, began);

    /// <summary>Starts to watch.</summary>
    public static OtherProcesses Watch() => new(Seconds(), Stopwatch.GetTimestamp());

    /// <summary>Time since the watch began.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_began);

    /// <summary>What others computed since then, as a share of all that the machine's processors can; in [0, 1].</summary>
    public double Share => Math.Clamp((Seconds() - _seconds) / (Elapsed.TotalSeconds * Environment.ProcessorCount), 0, 1);

    // Processor seconds of the whole machine since it started, without those of this process and of its children that have ended. What a hypervisor gives to others counts.
    private static double Seconds()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        double[] machine = Numbers(File.ReadLines("/proc/stat").First()["cpu ".Length..]);       // user nice system idle iowait irq softirq steal …
        string own = File.ReadAllText("/proc/self/stat");
        double[] after = Numbers(own[(own.LastIndexOf(')') + 2)..]);                             // from the state's letter on: utime, stime, cutime and cstime are fields 14 to 17
        return (machine[0] + machine[1] + machine[2] + machine[5] + machine[6] + machine[7] - after[11] - after[12] - after[13] - after[14]) / TicksPerSecond;
    }

    private static double[] Numbers(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => double.TryParse(word, CultureInfo.InvariantCulture, out double number) ? number : 0)];
}
