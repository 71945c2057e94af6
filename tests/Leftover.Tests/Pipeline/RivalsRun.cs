using Leftover.Algorithms;
using Leftover.Pipeline;
using Leftover.Runs;

namespace Leftover.Tests.Pipeline;

/// <summary>Trains a method of a recipe on the small help-desk log.</summary>
internal static class RivalsRun
{
    private const string TextRewards = """
        rewards:
          - {name: right_number, type: regex, prompt_pattern: '(?<number>\d{3})', patterns: ['\b{number}\b']}
          - {name: short, type: length, max: 20, width: 10}
          - {name: letters, type: regex, patterns: ['[a-z]'], count: true}
        """;

    /// <summary>Trains the recipe's only method.</summary>
    /// <param name="run">The log and the model.</param>
    /// <param name="method">The method in YAML, on one line.</param>
    /// <param name="output">The run folder's name.</param>
    /// <param name="observer">Who is told.</param>
    /// <param name="stop">Stops the training.</param>
    /// <param name="rewards">The recipe's rewards; those that score text where null.</param>
    public static TrainedPolicy Train(HelpDeskRun run, string method, string output, IRunObserver? observer = null, CancellationToken stop = default, string? rewards = null)
    {
        RunPipeline pipeline = Pipeline(run, method, output, observer, stop, rewards);
        (Method one, string label, Algorithm algorithm) = pipeline.Methods.Single();
        return pipeline.TrainMethod(one, label, algorithm);
    }

    public static RunPipeline Pipeline(HelpDeskRun run, string method, string output, IRunObserver? observer = null, CancellationToken stop = default, string? rewards = null)
    {
        Recipe recipe = RecipeLoader.Parse($$"""
            model: model
            template: chatml
            data: {train: data/train.jsonl, validation: data/validation.jsonl, held_out: data/held-out.jsonl}
            truncation: {max_prompt_tokens: 64, max_completion_tokens: 24}
            {{rewards ?? TextRewards}}
            value: {kind: logged_mean}
            methods:
              - {{method}}
            training: {steps: 3, batch_size: 8, learning_rate: 1e-3}
            generation: {max_new_tokens: 8, batch_size: 16}
            output: {{output}}
            cache: cache
            """, run.Root);
        return new RunPipeline(new RunContext { Recipe = recipe, Observer = observer ?? SilentObserver.Instance, Cancellation = stop });
    }

    /// <summary>Cancels a training after some steps.</summary>
    public sealed class StopAfter(int steps, CancellationTokenSource stop) : IRunObserver, IWorkProgress
    {
        private int _left = steps;

        public IWorkProgress Begin(string title, long total, string unit) => title.StartsWith("Training", StringComparison.Ordinal) ? this : SilentObserver.Instance;

        public void Advance(long amount, long tokens = 0, string? note = null)
        {
            if (amount > 0 && --_left == 0) stop.Cancel();
        }

        public void Say(string line) { }

        public void Warn(string line) { }

        public void Dispose() { }
    }
}
