using System.Text.Json.Nodes;
using Leftover.Runs;

namespace Leftover.Tests.Runs;

public sealed class MetricsLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-metrics").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Metrics => Path.Combine(_folder, "metrics.jsonl");

    private MetricsLog Open(params MetricsSink[] sinks) => new(_folder, sinks, new FixedClock());

    private static KeyValuePair<string, double>[] Values(params (string Name, double Value)[] values) => [.. values.Select(v => KeyValuePair.Create(v.Name, v.Value))];

    [Fact]
    public void A_step_is_a_line()
    {
        using (MetricsLog log = Open())
        {
            log.Write(1, Values(("loss", 0.1), ("grad_norm", 1e-7)));
            log.Write(2, Values(("loss", double.NaN)));
        }

        Assert.Equal("{\"step\":1,\"loss\":0.1,\"grad_norm\":1E-07}\n{\"step\":2,\"loss\":null}\n", File.ReadAllText(Metrics));
        Assert.Empty(Directory.EnumerateFiles(_folder, "events*"));
    }

    [Fact]
    public void A_run_that_goes_on_has_the_bytes_of_one_that_was_never_stopped()
    {
        string other = Directory.CreateTempSubdirectory("leftover-metrics").FullName;
        using (MetricsLog whole = new(other, [MetricsSink.Tensorboard], new FixedClock()))
            for (int step = 1; step <= 9; step++) whole.Write(step, Values(("loss", 1.0 / step)));

        using (MetricsLog stopped = Open(MetricsSink.Tensorboard))
            for (int step = 1; step <= 7; step++) stopped.Write(step, Values(("loss", 1.0 / step)));

        // The last checkpoint was of step 5, and the kill tore the last line and the last event.
        File.AppendAllText(Metrics, "{\"step\":8,\"lo");
        using (FileStream events = new(Directory.EnumerateFiles(_folder, "events*").Single(), FileMode.Append)) events.Write([24, 0, 0, 0, 0]);
        using (MetricsLog continued = Open(MetricsSink.Tensorboard))
        {
            continued.RewindTo(5);
            for (int step = 6; step <= 9; step++) continued.Write(step, Values(("loss", 1.0 / step)));
        }

        Assert.Equal(File.ReadAllBytes(Path.Combine(other, "metrics.jsonl")), File.ReadAllBytes(Metrics));
        string events1 = Directory.EnumerateFiles(other, "events*").Single(), events2 = Directory.EnumerateFiles(_folder, "events*").Single();
        Assert.Equal(Path.GetFileName(events1), Path.GetFileName(events2));
        Assert.Equal(File.ReadAllBytes(events1), File.ReadAllBytes(events2));
        Directory.Delete(other, recursive: true);
    }

    [Fact]
    public void Rewinding_to_before_the_start_forgets_all()
    {
        using MetricsLog log = Open(MetricsSink.Tensorboard);
        log.Write(0, Values(("eval/reward", 1)));
        log.RewindTo(-1);
        Assert.Empty(JsonLinesLog.Read(Metrics));
        log.Write(1, Values(("loss", 1)));
        Assert.Equal(1, (int)Assert.Single(JsonLinesLog.Read(Metrics))["step"]!);
    }

    [Fact]
    public void A_reader_sees_the_lines_of_a_run_under_way()
    {
        using MetricsLog log = Open();
        log.Write(1, Values(("loss", 2)));
        Assert.Equal(2.0, (double)Assert.Single(JsonLinesLog.Read(Metrics))["loss"]!);
    }

    [Fact]
    public void Samples_keep_their_text_as_it_is()
    {
        string path = Path.Combine(_folder, "samples.jsonl");
        using (SampleLog log = new(path))
        {
            log.Write(new Sample(0, "a-lol", "Grüße\n\"x\"", "réponse 🙂", 3, new Dictionary<string, double> { ["reward"] = 0.5 }));
            log.Write(new Sample(4, "a-lol", "p", "c", 1, new Dictionary<string, double>()));
            log.RewindTo(3);
        }

        JsonObject line = Assert.Single(JsonLinesLog.Read(path));
        Assert.Equal(("Grüße\n\"x\"", "réponse 🙂", 0.5), ((string?)line["prompt"], (string?)line["completion"], (double)line["rewards"]!["reward"]!));
        Assert.Contains("Grüße", File.ReadAllText(path));
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000.25);
    }
}
