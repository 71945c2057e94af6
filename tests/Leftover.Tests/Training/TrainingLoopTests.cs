using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors.Optimizers;
using Leftover.Training;

namespace Leftover.Tests.Training;

public sealed class TrainingLoopTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-loop").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_training_stopped_after_any_step_and_continued_ends_with_the_same_bytes_and_the_same_log()
    {
        (float[] weights, int chosen, RecordingLog log) = Run("whole", stopAfter: []);
        for (int stop = 1; stop < 9; stop++)
        {
            (float[] continued, int chosenThen, RecordingLog logThen) = Run($"stopped-{stop}", stopAfter: [stop]);
            Assert.Equal(weights, continued);
            Assert.Equal(chosen, chosenThen);
            Assert.Equal(log.Lines, logThen.Lines);
        }
    }

    [Fact]
    public void A_process_killed_while_it_writes_a_checkpoint_goes_on_from_the_one_before()
    {
        (float[] weights, _, _) = Run("whole", stopAfter: []);
        string folder = Path.Combine(_folder, "torn");
        Assert.Throws<OperationCanceledException>(() => RunOnce(folder, new RecordingLog(), stopAfter: 4, out _));
        // What a kill leaves behind: a folder under its temporary name, whole or not.
        string torn = Path.Combine(folder, "checkpoint-6.tmp");
        Directory.CreateDirectory(torn);
        File.WriteAllText(Path.Combine(torn, "model.safetensors"), "cut off");

        RunOnce(folder, new RecordingLog(), stopAfter: null, out float[] continued);

        Assert.Equal(weights, continued);
        Assert.False(Directory.Exists(torn));
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_not_continued()
    {
        string folder = Path.Combine(_folder, "other");
        Assert.Throws<OperationCanceledException>(() => RunOnce(folder, new RecordingLog(), stopAfter: 4, out _));
        var log = new RecordingLog();

        RunOnce(folder, log, stopAfter: null, out _, fingerprint: "another");

        Assert.Contains("step 1", log.Lines);
    }

    [Fact]
    public void The_weights_of_the_best_validation_are_chosen_even_where_that_was_before_the_first_step()
    {
        using LanguageModel policy = TinyPolicy.Create();
        float[] start = TinyPolicy.WeightsOf(policy);
        TrainingLoop loop = Loop(Path.Combine(_folder, "best"), new RecordingLog(), (_, step) => -step);

        int chosen = loop.Run(policy, new ALoL(), SilentObserver.Instance, CancellationToken.None);

        Assert.Equal(0, chosen);
        Assert.Equal(start, TinyPolicy.WeightsOf(policy));
    }

    private (float[] Weights, int Chosen, RecordingLog Log) Run(string name, int[] stopAfter)
    {
        var log = new RecordingLog();
        string folder = Path.Combine(_folder, name);
        foreach (int stop in stopAfter) Assert.Throws<OperationCanceledException>(() => RunOnce(folder, log, stop, out _));
        int chosen = RunOnce(folder, log, stopAfter: null, out float[] weights);
        return (weights, chosen, log);
    }

    private static int RunOnce(string folder, RecordingLog log, int? stopAfter, out float[] weights, string fingerprint = "f")
    {
        using LanguageModel policy = TinyPolicy.Create();
        using var stop = new CancellationTokenSource();
        log.StepTaken = step =>
        {
            if (step == stopAfter) stop.Cancel();
        };
        // The score rises and falls, so that the best step is neither the first nor the last.
        TrainingLoop loop = Loop(folder, log, (_, step) => -Math.Abs(step - 6), fingerprint);
        int chosen = loop.Run(policy, new ALoL(), SilentObserver.Instance, stop.Token);
        weights = TinyPolicy.WeightsOf(policy);
        return chosen;
    }

    private static TrainingLoop Loop(string folder, IStepLog log, Func<LanguageModel, int, double> score, string fingerprint = "f")
    {
        TrainingRow[] rows = TinyPolicy.Rows(30);
        return new TrainingLoop
        {
            Title = "Test",
            CheckpointPath = folder,
            Fingerprint = fingerprint,
            Steps = 9,
            Source = new LoggedSteps(step => [.. Enumerable.Range(0, 6).Select(i => rows[((step * 6) + i) % rows.Length])]),
            Settings = new TrainerSettings { Optimizer = new AdamWOptions(), LearningRate = step => 1e-2f / step },
            SaveSteps = 2,
            EvalSteps = 3,
            Validate = (policy, step) => new ValidationReport(step, score(policy, step), new Dictionary<string, double>()),
            Log = log,
        };
    }

    private sealed class RecordingLog : IStepLog
    {
        private readonly List<(int Step, string Line)> _lines = [];

        public IEnumerable<string> Lines => _lines.Select(line => line.Line);

        public Action<int>? StepTaken { get; set; }

        public void RewindTo(int step) => _lines.RemoveAll(line => line.Step > step);

        public void Write(StepReport report)
        {
            _lines.Add((report.Step, $"step {report.Step}"));
            StepTaken?.Invoke(report.Step);
        }

        public void Write(ValidationReport report) => _lines.Add((report.Step, $"validation {report.Step} {report.Score}"));
    }
}
