using Leftover.Runs;

namespace Leftover.Rewards;

/// <summary>What scoring needs beside the rows: who is told, when to stop, what time it is, and where scores are kept.</summary>
public sealed class RewardContext
{
    /// <summary>Who is told how scoring gets on.</summary>
    public IRunObserver Observer { get; init; } = SilentObserver.Instance;

    /// <summary>Set when the user wants it to stop; scores that are there by then are kept.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The clock of time limits and of limits on requests a minute.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Waits, for a limit or before another attempt. Default: by <see cref="Clock"/>.</summary>
    public Func<TimeSpan, CancellationToken, Task> Wait
    {
        get => field ?? ((time, cancellation) => Task.Delay(time, Clock, cancellation));
        init;
    }

    /// <summary>The folder in which costly scores are kept for later runs; null keeps none.</summary>
    public string? Cache { get; init; }

    /// <summary>Random waiting times follow from it.</summary>
    public long Seed { get; init; } = 1;
}
