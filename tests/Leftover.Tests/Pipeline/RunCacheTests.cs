using Leftover.Algorithms;
using Leftover.Evaluation;
using Leftover.Pipeline;
using Leftover.Runs;

namespace Leftover.Tests.Pipeline;

public sealed class RunCacheTests : IDisposable
{
    private const string LogProbs = "Reference log-probabilities", Replies = "Reference replies", Head = "Training the value head";

    private readonly HelpDeskRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_second_run_computes_nothing_before_training()
    {
        RecordingObserver first = Train("first"), second = Train("second");

        Assert.Equal(48, first[LogProbs]);
        Assert.Equal(6, first[Replies]);
        Assert.Equal(1, first.Titles.Count(title => title == Head));
        Assert.DoesNotContain(LogProbs, second.Titles);
        Assert.DoesNotContain(Replies, second.Titles);
        Assert.DoesNotContain(Head, second.Titles);
        Assert.Contains("Training a-lol", second.Titles);
        Assert.Equal(ModelBytes("first"), ModelBytes("second"));
    }

    [Fact]
    public void The_same_output_folder_trains_nothing_again()
    {
        Train("first");
        Assert.DoesNotContain("Training a-lol", Train("first").Titles);
    }

    [Fact]
    public void A_changed_row_costs_its_own_log_probabilities_and_no_reply()
    {
        Train("first");
        string file = _run.PathOf("data", "train.jsonl");
        string[] lines = File.ReadAllLines(file);
        lines[3] = System.Text.RegularExpressions.Regex.Replace(lines[3], "\"completion\": \"[^\"]*\"", "\"completion\": \"Something else altogether.\"");
        File.WriteAllLines(file, lines);

        RecordingObserver changed = Train("second");

        Assert.Equal(1, changed[LogProbs]);
        Assert.DoesNotContain(Replies, changed.Titles);
        Assert.Contains("Training a-lol", changed.Titles);
    }

    [Fact]
    public void Another_template_computes_everything_that_reads_text_again()
    {
        Train("first");
        RecordingObserver changed = Train("second", recipe => recipe with { Template = "transcript" });
        Assert.Equal(48, changed[LogProbs]);
        Assert.Equal(6, changed[Replies]);
        Assert.Contains(Head, changed.Titles);
    }

    [Fact]
    public void Another_truncation_costs_the_rows_that_it_cuts()
    {
        Train("first");
        IEnumerable<int> lengths = _run.Pipeline("second", new RecordingObserver()).Train.Rows.Select(row => row.Completion.Length);
        int longest = lengths.Max();
        RecordingObserver changed = Train("third", recipe => recipe with { Truncation = recipe.Truncation with { MaxCompletionTokens = longest - 1 } });

        // Rows that become alike by being cut are computed once each all the same.
        Assert.InRange(changed[LogProbs], 1, lengths.Count(length => length == longest));
        Assert.True(changed[LogProbs] < 48);
    }

    [Fact]
    public void Another_learning_rate_costs_the_training_alone()
    {
        Train("first");
        RecordingObserver changed = Train("second", recipe => recipe with { Methods = [recipe.Methods[0] with { Training = recipe.Methods[0].Training with { LearningRate = 1e-3 } }] });
        Assert.DoesNotContain(LogProbs, changed.Titles);
        Assert.DoesNotContain(Head, changed.Titles);
        Assert.NotEqual(ModelBytes("first"), ModelBytes("second"));
    }

    [Fact]
    public void Another_dtype_costs_log_probabilities_value_and_training_but_no_reply()
    {
        Train("first", recipe => recipe with { Dtype = Dtype.Fp32 });
        RecordingObserver changed = Train("second", recipe => recipe with { Dtype = Dtype.Bf16 }), again = Train("third", recipe => recipe with { Dtype = Dtype.Bf16 });

        Assert.Equal(48, changed[LogProbs]);
        Assert.Contains(Head, changed.Titles);
        Assert.DoesNotContain(Replies, changed.Titles);                      // generation is fp32 always
        Assert.NotEqual(ModelBytes("first"), ModelBytes("second"));
        Assert.Single(changed.Lines, line => line.Contains("bf16", StringComparison.Ordinal));

        Assert.DoesNotContain(LogProbs, again.Titles);
        Assert.DoesNotContain(Head, again.Titles);
        Assert.Equal(ModelBytes("second"), ModelBytes("third"));
    }

    [Fact]
    public void Evaluation_measures_in_fp32_whatever_the_dtype_of_training()
    {
        RunResults Evaluated(string output, Dtype dtype)
        {
            Recipe recipe = _run.Pipeline(output, new RecordingObserver()).Context.Recipe;
            recipe = recipe with { Dtype = dtype, Methods = [], Cache = _run.PathOf(output, "cache") };
            return new RunPipeline(new RunContext { Recipe = recipe }).Run();
        }

        RunResults exact = Evaluated("first", Dtype.Fp32), rounded = Evaluated("second", Dtype.Bf16);
        Assert.Equal(exact.Methods.Single().Perplexity, rounded.Methods.Single().Perplexity);
        Assert.Equal(("fp32", true), (exact.Versions["dtype"], rounded.Versions["dtype"].StartsWith("bf16 (", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_dtype_named_afterwards_trains_again_in_the_same_folder()
    {
        Train("first", recipe => recipe with { Dtype = Dtype.Fp32 });
        Assert.Contains("Training a-lol", Train("first", recipe => recipe with { Dtype = Dtype.Bf16 }).Titles);
        Assert.DoesNotContain("Training a-lol", Train("first", recipe => recipe with { Dtype = Dtype.Bf16 }).Titles);
    }

    [Fact]
    public void A_new_value_head_reads_the_prompts_states_from_the_cache_and_is_the_same_bytes()
    {
        Train("first");
        string[] before = HeadFiles();
        Directory.Delete(_run.PathOf("cache", "value"), recursive: true);

        RecordingObserver again = Train("second");

        Assert.Contains(Head, again.Titles);
        Assert.DoesNotContain("Prompt states", again.Titles);
        Assert.DoesNotContain(LogProbs, again.Titles);
        Assert.NotEmpty(before);
        Assert.Equal(before, HeadFiles());
        Assert.Equal(ModelBytes("first"), ModelBytes("second"));

        string[] HeadFiles() => [.. Directory.EnumerateFiles(_run.PathOf("cache", "value"), "*.*", SearchOption.AllDirectories).Where(path => !path.EndsWith("manifest.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(path => Path.GetFileName(path) + ContentHash.OfFile(path))];
    }

    [Fact]
    public void Steps_by_tokens_and_blocks_that_run_again_train_and_the_latter_change_nothing()
    {
        static Recipe With(Recipe recipe, Func<TrainingOptions, TrainingOptions> change) => recipe with { Methods = [recipe.Methods[0] with { Training = change(recipe.Methods[0].Training) }] };
        RecordingObserver tokens = Train("first", recipe => With(recipe, training => training with { BatchTokens = 300 }));
        Train("second", recipe => With(recipe, training => training with { BatchTokens = 300, GradientCheckpointing = GradientCheckpointing.True }));

        Assert.Contains(tokens.Lines, line => line.Contains("2 steps of at most 300 tokens", StringComparison.Ordinal));
        Assert.Contains(tokens.Lines, line => line.StartsWith("Training a-lol: Needs ", StringComparison.Ordinal));
        Assert.Equal(ModelBytes("first"), ModelBytes("second"));
    }

    [Fact]
    public void An_interrupted_pass_over_the_rows_goes_on_where_it_stopped()
    {
        using var stop = new CancellationTokenSource();
        Recipe recipe = _run.Pipeline("first", new RecordingObserver()).Context.Recipe;
        var interrupted = new RunPipeline(new RunContext { Recipe = recipe, Observer = new StoppingObserver(LogProbs, stop), Cancellation = stop.Token, FrozenBatchTokens = 200 });
        Assert.Throws<OperationCanceledException>(() => interrupted.ReferencePass.LogProbs);

        var again = new RecordingObserver();
        _ = new RunPipeline(new RunContext { Recipe = recipe, Observer = again }).ReferencePass.LogProbs;

        Assert.InRange(again[LogProbs], 1, 47);
    }

    private RecordingObserver Train(string output, Func<Recipe, Recipe>? change = null)
    {
        var observer = new RecordingObserver();
        Recipe recipe = _run.Pipeline(output, observer).Context.Recipe;
        var pipeline = new RunPipeline(new RunContext { Recipe = change is null ? recipe : change(recipe), Observer = observer });
        (Method method, string label, Algorithm algorithm) = pipeline.Methods.Single();
        pipeline.TrainMethod(method, label, algorithm);
        return observer;
    }

    private byte[] ModelBytes(string output) => File.ReadAllBytes(_run.PathOf(output, "methods", "a-lol", "model", "model.safetensors"));

    /// <summary>Asks for a stop as soon as a piece of work has advanced.</summary>
    private sealed class StoppingObserver(string title, CancellationTokenSource stop) : IRunObserver
    {
        public IWorkProgress Begin(string begun, long total, string unit) => begun == title ? new Stopper(stop) : SilentObserver.Instance;

        public void Say(string line) { }

        public void Warn(string line) { }

        private sealed class Stopper(CancellationTokenSource stop) : IWorkProgress
        {
            public void Advance(long amount, long tokens = 0, string? note = null) => stop.Cancel();

            public void Dispose() { }
        }
    }
}
