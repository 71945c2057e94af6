using Leftover.Data;
using Leftover.Rewards;
using Leftover.Rewards.Programs;

namespace Leftover.Tests.Rewards;

public sealed class RewardScoringTests : IDisposable
{
    private readonly string _cache = Directory.CreateTempSubdirectory("scores").FullName;
    private readonly List<string> _computed = [];

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    [Fact]
    public void A_costly_score_is_computed_once_for_all_runs()
    {
        Assert.Equal([1, 3], Score(new Counting(_computed), "a", "ccc").Values);
        RewardScores again = Score(new Counting(_computed), "ccc", "bb", "a");
        Assert.Equal([3, 2, 1], again.Values);
        Assert.Equal((2, 1, 0), (again.Cached, again.Scored, again.Failed));
        Assert.Equal(["a", "ccc", "bb"], _computed);
    }

    [Fact]
    public void Rows_that_are_alike_are_computed_once()
    {
        RewardScores scores = Score(new Counting(_computed), "a", "bb", "a", "a");
        Assert.Equal([1, 2, 1, 1], scores.Values);
        Assert.Equal(["a", "bb"], _computed);
        Assert.Equal((0, 4), (scores.Cached, scores.Scored));
    }

    [Fact]
    public void What_a_score_depends_on_addresses_it_and_nothing_else_does()
    {
        string file = Path.Combine(_cache, "words.txt");
        File.WriteAllText(file, "one");
        Score(new Counting(_computed) { Settings = "x", DependsOn = file }, "a");
        Score(new Counting(_computed) { Settings = "x", DependsOn = file, Name = "another name" }, "a");
        Assert.Equal(["a"], _computed);

        File.WriteAllText(file, "two");
        Score(new Counting(_computed) { Settings = "x", DependsOn = file }, "a");
        Score(new Counting(_computed) { Settings = "y", DependsOn = file }, "a");
        Score(new Counting(_computed) { Settings = "y", DependsOn = file, Version = "2" }, "a");
        Assert.Equal(["a", "a", "a", "a"], _computed);
    }

    [Fact]
    public void Columns_that_a_source_reads_belong_to_the_address_and_ids_do_not()
    {
        Counting reads = new(_computed) { Column = "votes" };
        Score(reads, Row("a") with { Id = "1" }, Row("a", votes: 1), Row("a", votes: 2), Row("a") with { Texts = new Dictionary<string, string> { ["votes"] = "1" } });
        Assert.Equal(4, _computed.Count);
        Score(reads, Row("a") with { Id = "2" }, Row("a", votes: 2), Row("a", votes: 1));
        Assert.Equal(4, _computed.Count);
    }

    [Fact]
    public void What_was_computed_before_an_error_is_kept_and_a_rerun_goes_on()
    {
        Counting breaks = new(_computed) { BreaksAt = "cc" };
        string message = Assert.Throws<DataException>(() => Score(breaks, "a", "bb", "cc", "ddd")).Message;
        Assert.Equal("no score for cc\n  2 of 4 rows are scored and kept: a rerun goes on from there.", message);
        Assert.Equal([1, 2, 2, 3], Score(breaks with { BreaksAt = null }, "a", "bb", "cc", "ddd").Values);
        Assert.Equal(["a", "bb", "cc", "ddd"], _computed);
    }

    [Fact]
    public void A_score_torn_by_a_kill_is_computed_again_and_no_other()
    {
        Score(new Counting(_computed), "a", "bb");
        string file = Assert.Single(Directory.GetFiles(Path.Combine(_cache, "rewards")));
        using (FileStream stream = File.OpenWrite(file)) stream.SetLength(stream.Length - 3);
        Assert.Equal([1, 2], Score(new Counting(_computed), "a", "bb").Values);
        Assert.Equal(["a", "bb", "bb"], _computed);
    }

    [Fact]
    public void Scores_in_doubt_are_not_kept_and_those_of_before_are()
    {
        Score(new Counting(_computed), "a");
        Assert.Equal("the wrong rows", Assert.Throws<DataException>(() => Score(new Counting(_computed) { DoubtsAt = "ccc" }, "a", "bb", "ccc")).Message);
        RewardScores again = Score(new Counting(_computed), "a", "bb", "ccc");
        Assert.Equal((1, 2), (again.Cached, again.Scored));
        Assert.Equal([1, 2, 3], again.Values);
    }

    [Fact]
    public void A_double_comes_back_to_the_last_bit()
    {
        Counting third = new(_computed) { Factor = 1.0 / 3 };
        double[] fresh = Score(third, "a", "bb").Values;
        Assert.Equal(fresh, Score(third, "a", "bb").Values);
        Assert.Equal(1.0 / 3, fresh[0]);
        Assert.Equal(2, _computed.Count);
    }

    [Fact]
    public void A_function_of_the_text_is_kept_nowhere()
    {
        using RewardScoring scoring = new(new RewardContext { Cache = _cache });
        RewardScores scores = scoring.Score(new DistinctReward(), [Row("a b"), Row("a b a b")]);
        Assert.Equal((0, 2, 0), (scores.Cached, scores.Scored, scores.Failed));
        Assert.Empty(Directory.GetFileSystemEntries(_cache));
    }

    [Fact]
    public void Progress_counts_rows_and_tells_which_were_there()
    {
        Score(new Counting(_computed), "a", "bb");
        ScoringObserver observer = new();
        using RewardScoring scoring = new(new RewardContext { Cache = _cache, Observer = observer });
        scoring.Score(new Counting(_computed) { Name = "mood" }, [Row("a"), Row("bb"), Row("ccc"), Row("ccc")]);
        ScoringObserver.Work work = Assert.Single(observer.Works);
        Assert.Equal(("Reward mood", 4, "rows", 4, "2 of them scored before"), (work.Title, work.Total, work.Unit, work.Done, work.Note));
    }

    [Fact]
    public void A_score_that_is_not_finite_is_not_kept()
    {
        string message = Assert.Throws<DataException>(() => Score(new Counting(_computed) { Factor = double.NaN }, Row("abc") with { Id = "log.jsonl:7" })).Message;
        Assert.StartsWith("The reward 'program' is NaN for row log.jsonl:7 (completion \"abc\"); a reward is a finite number.", message);
        Assert.Equal(0, Score(new Counting(_computed), "x").Cached);
    }

    [Fact]
    public void Stopping_keeps_what_is_there()
    {
        using CancellationTokenSource stop = new();
        ScoringObserver observer = new() { OnAdvance = done => { if (done == 2) stop.Cancel(); } };
        using (RewardScoring scoring = new(new RewardContext { Cache = _cache, Observer = observer, Cancellation = stop.Token }))
            Assert.Throws<OperationCanceledException>(() => scoring.Score(new Counting(_computed), [Row("a"), Row("bb"), Row("ccc")]));
        Assert.Equal((2, 1), (Score(new Counting(_computed), "a", "bb", "ccc") is var scores ? scores.Cached : 0, scores.Scored));
    }

    private RewardScores Score(Counting source, params string[] completions) => Score(source, [.. completions.Select(completion => Row(completion))]);

    private RewardScores Score(Counting source, params RewardInput[] rows)
    {
        using RewardScoring scoring = new(new RewardContext { Cache = _cache });
        return scoring.Score(source, rows);
    }

    private static RewardInput Row(string completion, double? votes = null) =>
        new("", completion, votes is { } value ? new Dictionary<string, double> { ["votes"] = value } : new Dictionary<string, double>());

    /// <summary>A costly source: the completion's letters times a factor, one row at a time.</summary>
    private sealed record Counting(List<string> Computed) : RewardSource("program")
    {
        public string Settings { get; init; } = "";

        public string? DependsOn { get; init; }

        public string? Column { get; init; }

        public string Version { get; init; } = "1";

        public string? BreaksAt { get; init; }

        public string? DoubtsAt { get; init; }

        public double Factor { get; init; } = 1;

        public override bool IsCostly => true;

        public override IReadOnlyList<string> Files => DependsOn is null ? [] : [DependsOn];

        public override IReadOnlyList<string> ReadColumns => Column is null ? [] : [Column];

        protected internal override RewardSource Identity => new ProgramReward { Name = Name, Command = [Settings, Factor.ToString()] };

        protected internal override string ScoreVersion => Version;

        protected internal override int BatchRows => 1;

        protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
        {
            string completion = Assert.Single(rows).Completion;
            if (completion == BreaksAt) throw new DataException($"no score for {completion}");
            if (completion == DoubtsAt) throw new ScoresInDoubtException("the wrong rows");
            Computed.Add(completion);
            return [completion.Length * Factor];
        }
    }
}
