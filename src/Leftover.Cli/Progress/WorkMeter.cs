using System.Globalization;

namespace Leftover.Cli.Progress;

/// <summary>How far a piece of work is, how fast it goes, and how long it will still take.</summary>
internal sealed class WorkMeter(string title, long total, string unit, TimeProvider clock)
{
    private static readonly TimeSpan s_start = TimeSpan.FromMilliseconds(50);
    private readonly long _began = clock.GetTimestamp();
    private long _before;                       // done by an earlier process: it says nothing about the speed of this one
    private long _tokens;
    private string? _note;

    /// <summary>What is done.</summary>
    public string Title => title;

    /// <summary>How much of it there is.</summary>
    public long Total => total;

    /// <summary>How much of it is done.</summary>
    public long Done { get; private set; }

    /// <summary>Time since it began.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(_began);

    /// <summary>Counts work; what is counted at the very start, without tokens, was done before.</summary>
    public void Advance(long amount, long tokens, string? note)
    {
        if (tokens == 0 && Done == _before && Elapsed < s_start) _before += amount;
        Done += amount;
        _tokens += tokens;
        _note = note ?? _note;
    }

    /// <summary>The state in one line, for example <c>120/200 steps, 2,310 tokens/s, 0:35 left, loss 0.513</c>.</summary>
    public string State()
    {
        List<string> parts = [string.Create(CultureInfo.InvariantCulture, $"{Done:N0}/{total:N0} {unit}")];
        double seconds = Elapsed.TotalSeconds;
        long own = Done - _before;
        if (Speed(seconds, own) is { } speed) parts.Add(speed);
        if (own > 0 && Done < total) parts.Add(Text(TimeSpan.FromSeconds(seconds / own * (total - Done))) + " left");
        if (_note is not null) parts.Add(_note);
        return string.Join(", ", parts);
    }

    /// <summary>The end in one line, for example <c>200 steps in 1:02, 2,310 tokens/s, loss 0.401</c>.</summary>
    public string Summary()
    {
        double seconds = Elapsed.TotalSeconds;
        string speed = Speed(seconds, Done - _before) is { } known ? ", " + known : "";
        string count = Done == total ? string.Create(CultureInfo.InvariantCulture, $"{Done:N0}") : string.Create(CultureInfo.InvariantCulture, $"{Done:N0}/{total:N0}");
        return $"{count} {unit} in {Text(Elapsed)}{speed}{(_note is null ? "" : $", {_note}")}";
    }

    // In tokens, or where none went through a model in what is counted.
    private string? Speed(double seconds, long own)
    {
        if (seconds <= 0) return null;
        if (_tokens > 0) return string.Create(CultureInfo.InvariantCulture, $"{_tokens / seconds:N0} tokens/s");
        if (own == 0) return null;
        double speed = own / seconds;
        return $"{speed.ToString(speed < 1 ? "N2" : speed < 10 ? "N1" : "N0", CultureInfo.InvariantCulture)} {unit}/s";
    }

    /// <summary>A duration as one reads it off a clock: <c>3.2 s</c>, <c>0:35</c>, <c>1:02:03</c>.</summary>
    public static string Text(TimeSpan time)
    {
        if (time.TotalSeconds < 10) return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s");
        return time.TotalHours < 1 ? $"{time.Minutes}:{time.Seconds:D2}" : $"{(long)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}";
    }
}
