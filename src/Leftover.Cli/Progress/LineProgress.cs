using Leftover.Runs;

namespace Leftover.Cli.Progress;

/// <summary>Progress as plain lines, for logs and programs: nothing for work under two seconds, and ever fewer lines for long work.</summary>
/// <param name="lines">Where progress goes.</param>
/// <param name="warnings">Where warnings go.</param>
/// <param name="clock">The clock.</param>
internal sealed class LineProgress(TextWriter lines, TextWriter warnings, TimeProvider clock) : IRunObserver
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2), s_longest = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public IWorkProgress Begin(string title, long total, string unit) => new Work(new WorkMeter(title, total, unit, clock), lines);

    /// <inheritdoc/>
    public void Say(string line) => lines.WriteLine(line);

    /// <inheritdoc/>
    public void Warn(string line) => warnings.WriteLine($"warning: {line}");

    private sealed class Work(WorkMeter meter, TextWriter lines) : IWorkProgress
    {
        private TimeSpan _next = s_first;
        private bool _shown;

        public void Advance(long amount, long tokens = 0, string? note = null)
        {
            meter.Advance(amount, tokens, note);
            TimeSpan elapsed = meter.Elapsed;
            if (elapsed < _next || meter.Done >= meter.Total) return;
            _next = elapsed + (elapsed < s_longest ? elapsed : s_longest);
            _shown = true;
            lines.WriteLine($"{meter.Title}: {meter.State()}");
        }

        public void Dispose()
        {
            if (_shown || meter.Elapsed >= s_first) lines.WriteLine($"{meter.Title}: {meter.Summary()}");
        }
    }
}
