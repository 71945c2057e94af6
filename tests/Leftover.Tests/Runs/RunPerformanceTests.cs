using Leftover.Data;
using Leftover.Runs;

namespace Leftover.Tests.Runs;

public sealed class RunPerformanceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-performance-").FullName;
    private readonly HandClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Work_that_counted_operations_is_kept_with_its_time_and_shown_as_before()
    {
        var shown = new Leftover.Tests.Pipeline.RecordingObserver();
        var log = new PerformanceLog(shown, _folder, _clock);
        for (int i = 0; i < 2; i++)
        {
            using IWorkProgress work = log.Begin("Replies", 10, "prompts");
            _clock.Now += TimeSpan.FromSeconds(2);
            work.Count(3e9, 8e9);
            work.Advance(10, tokens: 50);
        }
        using (IWorkProgress counting = log.Begin("Scoring", 5, "rows")) counting.Advance(5);

        StagePerformance stage = Assert.Single(RunPerformance.Read(_folder)!.Stages);
        Assert.Equal(("Replies", 4.0, 100L, 6e9, 16e9), (stage.Stage, stage.Seconds, stage.Tokens, stage.Operations, stage.WeightBytes));
        Assert.Equal((25.0, 1.5, 4.0), (stage.TokensPerSecond, stage.Gflops, stage.ReadGigabytes));
        Assert.Equal((20L, 5L), (shown["Replies"], shown["Scoring"]));
    }

    [Fact]
    public void A_stage_that_computes_again_takes_the_place_of_its_earlier_figures()
    {
        RunPerformance Of(params (string Stage, double Seconds)[] stages) => new() { Stages = [.. stages.Select(s => new StagePerformance(s.Stage, s.Seconds, 1, 1, 0, "avx2", "fp32", 2))] };
        Of(("Reference", 1), ("Training", 2)).MergeInto(_folder);
        Of(("Replies", 4), ("Training", 3)).MergeInto(_folder);
        Assert.Equal([("Reference", 1.0), ("Training", 3.0), ("Replies", 4.0)], RunPerformance.Read(_folder)!.Stages.Select(stage => (stage.Stage, stage.Seconds)));
    }

    [Fact]
    public void A_damaged_file_is_an_error_to_who_reads_it_and_none_to_a_run()
    {
        string file = Path.Combine(_folder, RunPerformance.FileName);
        File.WriteAllText(file, "{\"stages\": [");
        Assert.Contains("performance.json(1) cannot be read", Assert.Throws<DataException>(() => RunPerformance.Read(_folder)).Message);
        File.WriteAllText(file, "{}");
        Assert.Throws<DataException>(() => RunPerformance.Read(_folder));
        new RunPerformance { Stages = [new StagePerformance("Training", 0, 0, 0, 0, "avx2", "fp32", 1)] }.MergeInto(_folder);
        Assert.Equal(0, Assert.Single(RunPerformance.Read(_folder)!.Stages).Gflops);
    }

    [Fact]
    public void Nothing_is_written_where_there_is_no_run_folder()
    {
        var log = new PerformanceLog(SilentObserver.Instance, Path.Combine(_folder, "none"), _clock);
        log.Add("Training", TimeSpan.FromSeconds(1), 1, 1);
        log.Save();
        Assert.False(Directory.Exists(Path.Combine(_folder, "none")));
    }
}
