using System.Diagnostics;

namespace Leftover.Training;

/// <summary>Where the time of a step's updates goes. It is measured only to be shown: nothing that is computed depends on it.</summary>
internal sealed class StepTimes
{
    private long _began, _beganStep, _forward, _backward, _update;

    /// <summary>Seconds so far, by what they went into.</summary>
    public IReadOnlyDictionary<string, double> Seconds => new Dictionary<string, double>
    {
        ["forward"] = In(_forward),
        ["backward"] = In(_backward),
        ["update"] = In(_update),
        ["step"] = In(Stopwatch.GetTimestamp() - _beganStep),
    };

    public void BeginStep() => (_beganStep, _forward, _backward, _update) = (Stopwatch.GetTimestamp(), 0, 0, 0);

    public void Begin() => _began = Stopwatch.GetTimestamp();

    public void EndForward() => End(ref _forward);

    public void EndBackward() => End(ref _backward);

    public void EndUpdate() => End(ref _update);

    private void End(ref long sum)
    {
        long now = Stopwatch.GetTimestamp();
        sum += now - _began;
        _began = now;
    }

    private static double In(long ticks) => (double)ticks / Stopwatch.Frequency;
}
