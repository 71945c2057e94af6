namespace Leftover.Runs;

/// <summary>The most memory that this process holds during a work, and during what interrupts it, told apart where the system allows it.</summary>
internal sealed class PeakMeter
{
    private long _work, _aside;

    /// <summary>The work begins now.</summary>
    public PeakMeter() => MachineMemory.ForgetPeak();

    /// <summary>The work's peak so far, in bytes; null where the system does not tell.</summary>
    public long? Work => MachineMemory.PeakOfProcess() is { } now ? Math.Max(_work, now) : null;

    /// <summary>The peak of all interruptions so far, in bytes; 0 where there were none, or where they cannot be told from the work.</summary>
    public long Aside => _aside;

    /// <summary>Does something that is no part of the work.</summary>
    public T Interrupt<T>(Func<T> other)
    {
        _work = Work ?? 0;
        bool apart = MachineMemory.ForgetPeak();
        T result = other();
        if (apart) _aside = Math.Max(_aside, MachineMemory.PeakOfProcess() ?? 0);
        MachineMemory.ForgetPeak();
        return result;
    }
}
