using Leftover.Tensors.Kernels;

namespace Leftover.Runs;

/// <summary>Passes progress on, and keeps what each stage computed and how long it took, for <see cref="RunPerformance"/>.</summary>
/// <param name="observer">Who is told.</param>
/// <param name="folder">The run folder; nothing is written while it does not exist.</param>
/// <param name="clock">The clock.</param>
internal sealed class PerformanceLog(IRunObserver observer, string folder, TimeProvider clock) : IRunObserver
{
    private readonly List<StagePerformance> _stages = [];

    /// <summary>In what numbers the products of the stage that now computes are multiplied. Default fp32.</summary>
    public ComputeType ComputeType { get; set; }

    /// <inheritdoc/>
    public IWorkProgress Begin(string title, long total, string unit) => new Work(this, title, observer.Begin(title, total, unit), clock.GetTimestamp());

    /// <inheritdoc/>
    public void Say(string line) => observer.Say(line);

    /// <inheritdoc/>
    public void Warn(string line) => observer.Warn(line);

    /// <summary>Adds to what a stage did in this process.</summary>
    public void Add(string stage, TimeSpan time, long tokens, double operations, double weightBytes = 0)
    {
        int at = _stages.FindIndex(known => known.Stage == stage);
        StagePerformance sum = at >= 0 ? _stages[at] : new StagePerformance(stage, 0, 0, 0, 0, Instructions.Current.ToString().ToLowerInvariant(), ComputeType == ComputeType.BFloat16 ? "bf16" : "fp32", ThreadTeam.Shared.Size);
        sum = sum with { Seconds = sum.Seconds + time.TotalSeconds, Tokens = sum.Tokens + tokens, Operations = sum.Operations + operations, WeightBytes = sum.WeightBytes + weightBytes };
        if (at >= 0) _stages[at] = sum;
        else _stages.Add(sum);
    }

    /// <summary>Writes what there is.</summary>
    public void Save()
    {
        if (_stages.Count > 0 && Directory.Exists(folder)) new RunPerformance { Stages = [.. _stages] }.MergeInto(folder);
    }

    private sealed class Work(PerformanceLog log, string title, IWorkProgress shown, long began) : IWorkProgress
    {
        private long _tokens;
        private double _operations, _weightBytes;

        public void Advance(long amount, long tokens = 0, string? note = null)
        {
            _tokens += tokens;
            shown.Advance(amount, tokens, note);
        }

        public void Count(double operations, double weightBytes = 0)
        {
            _operations += operations;
            _weightBytes += weightBytes;
            shown.Count(operations, weightBytes);
        }

        public void Dispose()
        {
            shown.Dispose();
            if (_operations == 0) return;
            log.Add(title, log.Elapsed(began), _tokens, _operations, _weightBytes);
            log.Save();
        }
    }

    private TimeSpan Elapsed(long began) => clock.GetElapsedTime(began);
}
