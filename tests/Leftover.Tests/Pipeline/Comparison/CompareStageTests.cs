using Leftover.Data;
using Leftover.Evaluation.Comparison;
using Leftover.Pipeline;
using Leftover.Pipeline.Comparison;
using Leftover.Runs;

namespace Leftover.Tests.Pipeline.Comparison;

public sealed class CompareStageTests : IDisposable
{
    private static readonly string[] s_files = ["compare.html", "compare.md", "compare.csv", "compare.json"];

    private readonly HelpDeskRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_comparison_stopped_at_many_moments_gives_the_same_report_bytes_as_one_left_alone()
    {
        Compare("alone", new RecordingObserver());

        // Stops come ever later, with no word to the work: at the start of a stage, in the middle of a training, between two files of a cell.
        int stops = 0;
        for (int after = 3; ; after += 4 + stops)
        {
            try
            {
                Compare("stopped", new Crash(after));
                break;
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }

        Assert.True(stops >= 5, $"stopped {stops} times");
        foreach (string file in s_files) Assert.Equal(Bytes("alone", file), Bytes("stopped", file));
    }

    [Fact]
    public void Each_method_is_trained_once_a_seed_and_what_they_share_once()
    {
        var observer = new RecordingObserver();
        CompareResults compared = Compare("shared", observer);

        Assert.Equal(48, observer["Reference log-probabilities"]);
        Assert.Equal(1, observer.Titles.Count(title => title == "Training the value head"));
        foreach (string title in new[] { "Training nll, seed 1", "Training nll, seed 2", "Training a-lol, seed 1", "Training a-lol, seed 2" }) Assert.Equal(1, observer.Titles.Count(begun => begun == title));
        Assert.Equal(["reference", "nll", "a-lol"], compared.Results.Methods.Select(method => method.Name));
        Assert.Equal(6, compared.Cells.Count);
        Assert.All(compared.Cells.Where(cell => cell.Method != "reference"), cell => Assert.InRange(cell.Tokens, 1, 700));
        Assert.NotEqual(Metrics(1), Metrics(2));                                                 // another seed, another order of rows

        var again = new RecordingObserver();
        Compare("shared", again);
        Assert.DoesNotContain(again.Titles, title => title.StartsWith("Training", StringComparison.Ordinal) || title.StartsWith("Replies", StringComparison.Ordinal));
        Assert.False(Directory.Exists(_run.PathOf("shared", "cells", "noise-0", "nll", "seed-1", "model")));

        string Metrics(int seed) => File.ReadAllText(_run.PathOf("shared", "cells", "noise-0", "nll", $"seed-{seed}", "metrics.jsonl"));
    }

    [Fact]
    public void A_method_that_fails_is_reported_and_stops_no_other()
    {
        Recipe Broken(Recipe recipe) => recipe with { Methods = [recipe.Methods[0], recipe.Methods[1] with { Training = recipe.Methods[1].Training with { AdvantageThreshold = 1e6 } }] };
        CompareResults compared = Compare("broken", new RecordingObserver(), Broken);

        Assert.Equal([("a-lol", 1L), ("a-lol", 2L)], compared.Failed.Select(cell => (cell.Method, cell.Seed)));
        Assert.All(compared.Failed, cell => Assert.Contains("advantage above", cell.Error, StringComparison.Ordinal));
        Assert.Equal(["reference", "nll"], compared.Results.Methods.Select(method => method.Name));
        Assert.Contains(compared.Verdict, sentence => sentence.Contains("failed", StringComparison.Ordinal));
        Assert.Contains("Failed trainings", File.ReadAllText(_run.PathOf("broken", "report", "compare.md")), StringComparison.Ordinal);

        var again = new RecordingObserver();
        Assert.Empty(Compare("broken", again).Failed);
        Assert.DoesNotContain("Training nll, seed 1", again.Titles);
        Assert.Contains("Training a-lol, seed 1", again.Titles);
    }

    [Fact]
    public void Another_learning_rate_makes_its_own_method_s_cells_again_and_no_other()
    {
        Compare("changed", new RecordingObserver());
        var observer = new RecordingObserver();
        Compare("changed", observer, recipe => recipe with { Methods = [recipe.Methods[0], recipe.Methods[1] with { Training = recipe.Methods[1].Training with { LearningRate = 3e-3 } }] });
        Assert.DoesNotContain("Training nll, seed 1", observer.Titles);
        Assert.Contains("Training a-lol, seed 1", observer.Titles);
    }

    [Fact]
    public void One_seed_is_allowed_and_said()
    {
        CompareResults compared = Compare("one", new RecordingObserver(), recipe => recipe with { Compare = recipe.Compare with { Seeds = [4] } });
        Assert.Contains(compared.Verdict, sentence => sentence.Contains("one seed only", StringComparison.Ordinal));
    }

    [Fact]
    public void Noise_replaces_that_share_of_completions_by_the_worst_rewarded_and_a_smaller_share_s_rows_are_among_them()
    {
        using RunPipeline pipeline = _run.Pipeline("noise", new RecordingObserver());
        IReadOnlyList<Example> clean = pipeline.Data.Train.Examples;
        double[] totals = pipeline.Rewards.Totals;
        Example[] quarter = [.. NoisyLog.Of(pipeline.Data, totals, 0.25, 1).Train.Examples], half = [.. NoisyLog.Of(pipeline.Data, totals, 0.5, 1).Train.Examples];

        int[] Changed(Example[] noisy) => [.. Enumerable.Range(0, clean.Count).Where(i => !ReferenceEquals(noisy[i], clean[i]))];
        Assert.Equal(12, Changed(quarter).Length);
        Assert.Equal(24, Changed(half).Length);
        Assert.Subset(Changed(half).ToHashSet(), Changed(quarter).ToHashSet());
        double worst = totals.Order().ElementAt(9);                                              // a fifth of 48 rows
        HashSet<string> bad = [.. Enumerable.Range(0, clean.Count).Where(i => totals[i] <= worst).Select(i => clean[i].Completion)];
        Assert.All(Changed(half), i =>
        {
            Assert.Equal(clean[i].PromptText, half[i].PromptText);
            Assert.Contains(half[i].Completion, bad);
        });
        Assert.Same(pipeline.Data.HeldOut, NoisyLog.Of(pipeline.Data, totals, 0.5, 1).HeldOut);
    }

    private CompareResults Compare(string output, IRunObserver observer, Func<Recipe, Recipe>? change = null)
    {
        using RunPipeline plain = _run.Pipeline(output, new RecordingObserver());
        Recipe recipe = plain.Context.Recipe with
        {
            Name = "test",
            Cache = _run.PathOf(output, "cache"),                                                // so that one run's caches do not help another
            Methods = [.. new[] { "nll", "a-lol" }.Select(name => RecipeLoader.Parse($"methods: [{name}]\ntraining: {{batch_size: 4, learning_rate: 1e-3, save_steps: 1}}", _run.Root).Methods[0])],
            Compare = new ComparisonOptions { Seeds = [1, 2], Budget = new ComparisonBudget { Tokens = 700 }, Validations = 2 },
        };
        using var pipeline = new RunPipeline(new RunContext { Recipe = change is null ? recipe : change(recipe), Observer = observer });
        return new CompareStage(pipeline).Run();
    }

    private byte[] Bytes(string output, string file) => File.ReadAllBytes(_run.PathOf(output, "report", file));

    /// <summary>Breaks the work off at the n-th thing it hears of.</summary>
    private sealed class Crash(int after) : IRunObserver, IWorkProgress
    {
        private int _left = after;

        public IWorkProgress Begin(string title, long total, string unit)
        {
            Count();
            return this;
        }

        public void Say(string line) => Count();

        public void Warn(string line) => Count();

        public void Advance(long amount, long tokens = 0, string? note = null) => Count();

        public void Dispose() { }

        private void Count()
        {
            if (--_left == 0) throw new OperationCanceledException("broken off");
        }
    }
}
