using Leftover.Runs;

namespace Leftover.Tests.Rewards;

/// <summary>Remembers what scoring told: works with what was counted in them, and lines.</summary>
internal sealed class ScoringObserver : IRunObserver
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<Work> _works = [];

    /// <summary>Called with each line, before it is remembered.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>Called after each count of work.</summary>
    public Action<long>? OnAdvance { get; init; }

    public IReadOnlyList<Work> Works => _works;

    public string Lines
    {
        get
        {
            lock (_lock) return string.Join('\n', _lines);
        }
    }

    public IWorkProgress Begin(string title, long total, string unit)
    {
        Work work = new(this, title, total, unit);
        _works.Add(work);
        return work;
    }

    public void Say(string line)
    {
        OnLine?.Invoke(line);
        lock (_lock) _lines.Add(line);
    }

    public void Warn(string line) => Say("warning: " + line);

    internal sealed class Work(ScoringObserver observer, string title, long total, string unit) : IWorkProgress
    {
        public string Title => title;

        public long Total => total;

        public string Unit => unit;

        public long Done { get; private set; }

        public string? Note { get; private set; }

        public void Advance(long amount, long tokens = 0, string? note = null)
        {
            Done += amount;
            Note = note ?? Note;
            observer.OnAdvance?.Invoke(Done);
        }

        public void Dispose() { }
    }
}
