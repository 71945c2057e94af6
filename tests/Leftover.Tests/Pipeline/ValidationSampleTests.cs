using System.Text.Json.Nodes;
using Leftover.Algorithms;
using Leftover.Data;
using Leftover.Pipeline;
using Leftover.Runs;

namespace Leftover.Tests.Pipeline;

public sealed class ValidationSampleTests : IDisposable
{
    private readonly HelpDeskRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Each_validation_leaves_replies_to_the_same_prompts_with_their_rewards()
    {
        RunPipeline pipeline = Pipeline(recipe => recipe with { Methods = [recipe.Methods[0] with { Training = recipe.Methods[0].Training with { Steps = 4, EvalSteps = 2 } }] });
        (Method method, string label, Algorithm algorithm) = pipeline.Methods.Single();
        pipeline.TrainMethod(method, label, algorithm);

        JsonObject[] samples = [.. JsonLinesLog.Read(_run.PathOf("run", "methods", label, "samples.jsonl"))];
        int[] steps = [.. samples.Select(sample => (int)sample["step"]!)];
        Assert.Equal([0, 2, 4], steps.Distinct());
        string[][] prompts = [.. samples.GroupBy(sample => (int)sample["step"]!).Select(step => step.Select(sample => (string)sample["prompt"]!).ToArray())];
        Assert.All(prompts, step => Assert.Equal(prompts[0], step));
        Assert.All(samples, sample =>
        {
            Assert.Equal(label, (string)sample["method"]!);
            Assert.True(double.IsFinite((double)sample["rewards"]!["total"]!));
        });
    }

    [Fact]
    public void One_held_out_prompt_is_refused_before_anything_is_trained()
    {
        RunPipeline pipeline = Pipeline(recipe => recipe with { Evaluation = recipe.Evaluation with { MaxPrompts = 1 } });
        DataException e = Assert.Throws<DataException>(() => pipeline.Run());
        Assert.Contains("at least 2", e.Message);
        Assert.False(Directory.Exists(_run.PathOf("run", "methods")));
    }

    private RunPipeline Pipeline(Func<Recipe, Recipe> change) =>
        new(new RunContext { Recipe = change(_run.Pipeline("run", new RecordingObserver()).Context.Recipe) });
}
