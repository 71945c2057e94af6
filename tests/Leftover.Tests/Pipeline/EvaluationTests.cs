using System.Text.Json;
using Leftover.Evaluation;
using Leftover.Pipeline;
using Leftover.Runs;

namespace Leftover.Tests.Pipeline;

public sealed class EvaluationTests : IDisposable
{
    private readonly HelpDeskRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_held_out_reward_is_measured_and_changes_nothing_that_is_trained()
    {
        RecordingObserver observer = new();
        RunResults without = Run("without", []), with = Run("with", ["{name: varied, type: distinct, hold_out: true}"], observer);

        Assert.Null(without.HoldOutRewards);
        Assert.Equal(["varied"], with.HoldOutRewards!);
        Assert.All(with.Methods, method => Assert.Equal(["right_number", "short", "total", "varied"], method.Rewards.Keys.Order()));
        Assert.Equal(without.Methods.Select(method => method.Rewards["total"]), with.Methods.Select(method => method.Rewards["total"]));
        Assert.Equal(without.Hashes["rewards"], with.Hashes["rewards"]);
        Assert.Equal(ModelBytes("without"), ModelBytes("with"));
        Assert.DoesNotContain("varied", with.TrainRewards!.Select(reward => reward.Name));
        Assert.Contains(with.Paired, pair => pair.Reward == "varied" && pair.WinRate is not null);
    }

    [Fact]
    public void Results_hold_what_rewards_rows_and_weights_look_like()
    {
        RunResults results = Run("out", []);
        Assert.Equal(["right_number", "short", "total"], results.TrainRewards!.Select(reward => reward.Name));
        Assert.All(results.TrainRewards!, reward => Assert.Equal(48, reward.Rows));
        Assert.Null(results.Methods[0].Diagnostics);
        MethodDiagnostics diagnostics = results.Methods[1].Diagnostics!;
        Assert.Equal(48, diagnostics.Rows);
        Assert.Equal(diagnostics.Rows - diagnostics.Kept, diagnostics.Dropped.Values.Sum());
        Assert.Equal(["right_number", "short", "total"], diagnostics.ByReward.Select(reward => reward.Reward));
        KeptByReward total = diagnostics.ByReward[2];
        if (total is { MeanKept: { } kept, MeanDropped: { } dropped }) Assert.True(kept > dropped);
        WeightsOfEpoch epoch = diagnostics.Epochs[0];
        Assert.Equal(1, epoch.Epoch);
        Assert.InRange(epoch.EffectiveShare, 1e-6, 1 + 1e-12);
        Assert.All(results.Methods, method => Assert.True(method.KlK2 >= 0 && method.SelfBleu is >= 0 and <= 1));

        // What is written can be read, and is shown.
        string report = _run.PathOf("out", "report");
        RunResults read = JsonSerializer.Deserialize<RunResults>(File.ReadAllText(Path.Combine(report, "results.json")), RunResults.Json)!;
        Assert.Equal(diagnostics.Epochs, read.Methods[1].Diagnostics!.Epochs);
        Assert.Equal(results.TrainRewards![0].Histogram.Counts, read.TrainRewards![0].Histogram.Counts);
        string markdown = File.ReadAllText(Path.Combine(report, "report.md")), page = File.ReadAllText(Path.Combine(report, "report.html"));
        foreach (string title in new[] { "Rewards of the train set", "Importance weights by epoch" }) Assert.Contains(title, markdown);
        Assert.Contains("Train set: short", page);
    }

    [Fact]
    public void A_constant_reward_is_told_of_in_the_results()
    {
        RunResults results = Run("out", ["{name: same, type: length, min: 0}"]);
        Assert.Contains(results.Notes, note => note.Contains("'same' is 1 in all 48 rows", StringComparison.Ordinal));
        Assert.True(results.TrainRewards!.Single(reward => reward.Name == "same").IsConstant);
    }

    private RunResults Run(string output, string[] rewards, RecordingObserver? observer = null)
    {
        Recipe recipe = _run.Pipeline(output, new RecordingObserver()).Context.Recipe;
        string[] named = ["repetition", .. rewards];                             // one must be trained on
        Recipe more = RecipeLoader.Parse($"rewards: [{string.Join(", ", named)}]", _run.Root);
        using var pipeline = new RunPipeline(new RunContext { Recipe = recipe with { Rewards = [.. recipe.Rewards, .. more.Rewards.Skip(1)] }, Observer = observer ?? new RecordingObserver() });
        return pipeline.Run();
    }

    private byte[] ModelBytes(string output) => File.ReadAllBytes(_run.PathOf(output, "methods", "a-lol", "model", "model.safetensors"));
}
