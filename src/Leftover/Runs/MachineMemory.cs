using System.Globalization;

namespace Leftover.Runs;

/// <summary>A machine's memory as a program sees it.</summary>
/// <param name="TotalBytes">What the machine, or the container, has.</param>
/// <param name="FreeBytes">What a program can still have of it.</param>
public sealed record MachineMemory(long TotalBytes, long FreeBytes)
{
    private const long SmallestMargin = 128L << 20;
    private const string PeakSwitch = "/proc/self/clear_refs";

    /// <summary>What must stay free for everything else that runs: a fiftieth of all, at least 128 MiB.</summary>
    public long Margin => Math.Max(SmallestMargin, TotalBytes / 50);

    /// <summary>This machine's, now.</summary>
    public static MachineMemory Now()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();            // knows a container's limit
        long free = Math.Max(0, info.TotalAvailableMemoryBytes - (info.MemoryLoadBytes > 0 ? info.MemoryLoadBytes : Environment.WorkingSet));
        return new MachineMemory(info.TotalAvailableMemoryBytes, Available() is { } available ? Math.Min(available, info.TotalAvailableMemoryBytes) : free);
    }

    /// <summary>Memory that a program can still have, in bytes; null where the system does not tell.</summary>
    public static long? Available() => Kibibytes("/proc/meminfo", "MemAvailable:");

    /// <summary>The most memory that this process held at a time since <see cref="ForgetPeak"/>, or since it began, in bytes; null where the system does not tell.</summary>
    public static long? PeakOfProcess() => Kibibytes("/proc/self/status", "VmHWM:");

    /// <summary>Lets <see cref="PeakOfProcess"/> begin again at what the process holds now.</summary>
    /// <returns>False where the system cannot, or does not let it: then the peak stays that of all it did so far.</returns>
    public static bool ForgetPeak()
    {
        try
        {
            if (!File.Exists(PeakSwitch)) return false;
            File.WriteAllText(PeakSwitch, "5");              // proc(5): resets the peak resident set size
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long? Kibibytes(string file, string name)
    {
        try
        {
            if (!File.Exists(file)) return null;
            string? line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [_, { } count, ..] && long.TryParse(count, CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes << 10 : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)         // a container may forbid it: then it is not told
        {
            return null;
        }
    }
}
