using System.Collections.Concurrent;
using Leftover.Rewards;
using Leftover.Rewards.Judging;

namespace Leftover.Tests.Rewards.Judging;

/// <summary>A judge's surroundings: a clock that moves when the judge waits, and a cache folder.</summary>
internal sealed class JudgeBench : IDisposable
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    public string Cache { get; } = Directory.CreateTempSubdirectory("judge").FullName;

    public TimerClock Clock { get; } = new();

    public ScoringObserver Observer { get; } = new();

    /// <summary>How long was waited, each time.</summary>
    public IReadOnlyList<TimeSpan> Waits => [.. _waits];

    public RewardContext Context(CancellationToken cancellation = default, long seed = 1) => new()
    {
        Cache = Cache,
        Clock = Clock,
        Observer = Observer,
        Cancellation = cancellation,
        Seed = seed,
        Wait = (time, token) =>
        {
            token.ThrowIfCancellationRequested();
            _waits.Enqueue(time);
            Clock.Advance(time);
            return Task.CompletedTask;
        },
    };

    public RewardScores Score(JudgeReward judge, params string[] completions) => Score(judge, [.. completions.Select(completion => Row(completion))]);

    public RewardScores Score(JudgeReward judge, params RewardInput[] rows)
    {
        using RewardScoring scoring = new(Context());
        return scoring.Score(judge, rows);
    }

    public static RewardInput Row(string completion) => new("How are you?", completion, new Dictionary<string, double>());

    public string Write(string text)
    {
        string path = Path.Combine(Cache, $"rubric-{Directory.GetFiles(Cache).Length}.txt");
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Cache, recursive: true);
}
