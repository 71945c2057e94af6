using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models;
using Leftover.Pipeline;
using Leftover.Runs;
using Leftover.Tensors.Kernels;
using Leftover.Tests.Training;

namespace Leftover.Tests.Pipeline;

/// <summary>Methods that compare answers and methods that write their own, from a recipe to a trained policy.</summary>
[Collection("Alone")]
public sealed class RivalsTests : IDisposable
{
    private readonly HelpDeskRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("dpo", "rewards/margins")]
    [InlineData("{name: dpo, loss_type: ipo, pairs: all}", "rewards/accuracies")]
    [InlineData("{name: dpo, loss_type: aot}", "rewards/margins")]
    [InlineData("{name: dpo, loss_type: [sigmoid, bco_pair, sft], loss_weights: [0.8, 0.2, 1]}", "rewards/margins")]
    [InlineData("{name: dpo, use_weighting: true}", "rewards/margins")]
    [InlineData("{name: kto, loss_type: apo_zero_unpaired}", "kl")]
    [InlineData("{name: pro, candidates: 2, log_epsilon: 1e-10, released_mask: true}", "rewards/margins")]
    [InlineData("kto", "kl")]
    [InlineData("{name: kto, desirable: prompt_mean}", "rewards/chosen")]
    [InlineData("orpo", "logps/chosen")]
    [InlineData("simpo", "rewards/margins")]
    [InlineData("{name: pro, candidates: 2}", "rewards/margins")]
    public void A_method_that_compares_answers_trains_from_a_recipe(string method, string figure)
    {
        TrainedPolicy trained = RivalsRun.Train(_run, method, "compared");
        Assert.Equal(3, trained.Steps);
        Assert.NotEqual(Weights(_run.PathOf("model")), Weights(trained.Source.Path));
        JsonObject[] metrics = [.. JsonLinesLog.Read(_run.PathOf("compared", "methods", trained.Source.Path.Split(Path.DirectorySeparatorChar)[^2], "metrics.jsonl"))];
        Assert.Equal(3, metrics.Length);
        Assert.All(metrics, line => Assert.True(double.IsFinite((double)line[figure]!)));
    }

    [Theory]
    [InlineData("{name: dpo, loss_type: aot}")]
    [InlineData("{name: pro, candidates: 2, log_epsilon: 1e-10, released_mask: true}")]
    public void Memory_is_planned_before_any_work_also_where_rows_have_weights(string method)
    {
        string train = _run.PathOf("data", "train.jsonl");
        File.WriteAllLines(train, File.ReadAllLines(train).Select((line, i) => line.TrimEnd()[..^1] + $", \"weight\": {(i % 5 == 0 ? 0 : 1 + i % 2)}}}"));
        using RunPipeline pipeline = RivalsRun.Pipeline(_run, method, "planned");
        Assert.Contains(pipeline.Data.Train.Examples, example => example.Weight == 0);
        pipeline.CheckMemory(withMethods: true);
    }

    [Theory]
    [InlineData("{name: ppo, num_ppo_epochs: 2}", "val/explained_variance")]
    [InlineData("{name: rloo, num_generations: 2}", "policy/approxkl_avg")]
    [InlineData("{name: grpo, num_generations: 4, beta: 0.04}", "clip_ratio/high_mean")]
    public void A_method_that_writes_its_own_replies_trains_from_a_recipe(string method, string figure)
    {
        TrainedPolicy trained = RivalsRun.Train(_run, method, "online");
        string folder = Path.GetDirectoryName(trained.Source.Path)!;
        JsonObject[] metrics = [.. JsonLinesLog.Read(Path.Combine(folder, "metrics.jsonl"))], timings = [.. JsonLinesLog.Read(Path.Combine(folder, "timings.jsonl"))];
        Assert.Equal(3, metrics.Length);
        foreach (string name in (string[])[figure, "reward", "rewards/short/mean", "rewards/right_number/mean", "objective/kl", "objective/entropy", "completions/mean_length", "policy/clipfrac_avg"])
            Assert.All(metrics, line => Assert.True(double.IsFinite((double)line[name]!), name));
        Assert.Equal(0, (double)metrics[0]["objective/kl"]!, 1e-4);                         // the policy begins at the reference
        Assert.All(timings, line => Assert.InRange((double)line["time/share_of_passes"]!, 0, 1));
        Assert.NotEqual(Weights(_run.PathOf("model")), Weights(trained.Source.Path));       // and loads: no value head is among its weights
    }

    [Fact]
    public void The_first_update_sees_ratios_of_one()
    {
        TrainedPolicy trained = RivalsRun.Train(_run, "{name: ppo, num_ppo_epochs: 1, training: {steps: 1, batch_size: 8}}", "ratios");
        JsonObject first = JsonLinesLog.Read(Path.Combine(Path.GetDirectoryName(trained.Source.Path)!, "metrics.jsonl")).First();
        Assert.Equal(1, (double)first["val/ratio"]!, 1e-6);
        Assert.Equal(0, (double)first["policy/clipfrac_avg"]!);
        Assert.Equal(0, (double)first["policy/approxkl_avg"]!, 1e-9);
    }

    [Theory]
    [InlineData("{name: ppo, num_ppo_epochs: 2, num_mini_batches: 2, use_score_scaling: true, training: {steps: 4, batch_size: 6, save_steps: 1}}")]
    [InlineData("{name: grpo, num_generations: 2, training: {steps: 4, batch_size: 4}}")]
    public void An_online_training_that_was_stopped_goes_on_to_the_same_bytes(string method)
    {
        TrainedPolicy whole = RivalsRun.Train(_run, method, "whole");
        string metrics = File.ReadAllText(Path.Combine(Path.GetDirectoryName(whole.Source.Path)!, "metrics.jsonl"));
        for (int stopAt = 1; stopAt < 4; stopAt++)
        {
            using var stop = new CancellationTokenSource();
            string output = $"stopped-{stopAt}";
            Assert.Throws<OperationCanceledException>(() => RivalsRun.Train(_run, method, output, new RivalsRun.StopAfter(stopAt, stop), stop.Token));
            TrainedPolicy continued = RivalsRun.Train(_run, method, output);
            Assert.Equal(Weights(whole.Source.Path), Weights(continued.Source.Path));
            Assert.Equal(metrics, File.ReadAllText(Path.Combine(Path.GetDirectoryName(continued.Source.Path)!, "metrics.jsonl")));
        }
    }

    [Fact]
    public void An_online_training_does_not_depend_on_threads()
    {
        int threads = ThreadTeam.Shared.Size;
        try
        {
            float[] Trained(int count)
            {
                ThreadTeam.Resize(count);
                return Weights(RivalsRun.Train(_run, "{name: ppo, num_ppo_epochs: 2}", $"threads-{count}").Source.Path);
            }

            float[] one = Trained(1);
            Assert.Equal(one, Trained(2));
            Assert.Equal(one, Trained(3));
        }
        finally
        {
            ThreadTeam.Resize(threads);
        }
    }

    [Fact]
    public void A_reward_that_is_a_column_is_refused_where_replies_are_new()
    {
        string[] rows = [.. File.ReadLines(_run.PathOf("data", "train.jsonl")).Select((line, i) => line.Replace("{\"id\"", $"{{\"reward\": {i % 3}, \"id\"", StringComparison.Ordinal))];
        File.WriteAllLines(_run.PathOf("data", "train.jsonl"), rows);
        const string Column = "rewards: [{name: rated, type: column, column: reward}]";
        DataException refused = Assert.Throws<DataException>(() => RivalsRun.Train(_run, "{name: grpo, num_generations: 2}", "column", rewards: Column));
        Assert.Contains("grpo writes replies of its own", refused.Message);
        Assert.Contains("'rated' is a column of the data", refused.Message);
        RivalsRun.Train(_run, "dpo", "column", rewards: Column);                            // which learns from logged answers
    }

    [Theory]
    [InlineData("{name: rloo, num_generations: 3}", "num_generations (3 replies to each prompt) does not divide")]
    [InlineData("{name: grpo, num_generations: 2, training: {batch_tokens: 64}}", "training.batch_tokens does not go with")]
    [InlineData("{name: dpo, min_margin: 1000}", "pairs whose rewards differ by less than min_margin")]
    [InlineData("{name: kto, desirable: threshold, threshold: 1000}", "none of the 48 training rows is desirable")]
    [InlineData("{name: dpo, loss_type: aot, training: {max_batch_tokens: 16}}", "it sorts all pairs of a step, and step 1 would be computed in parts")]
    [InlineData("{name: pro, prefer: data}", "give no ranked lists to learn from (48 lines of data with one answer)")]
    [InlineData("{name: dpo, training: {sampling: good_priority}}", "draws its groups uniformly")]
    public void What_cannot_be_trained_is_refused_with_the_way_out(string method, string message) =>
        Assert.Contains(message, Assert.Throws<DataException>(() => RivalsRun.Train(_run, method, "refused")).Message);

    [Fact]
    public void Prompts_with_one_answer_are_told_and_left_out()
    {
        string[] lines = [.. File.ReadLines(_run.PathOf("data", "train.jsonl"))];
        File.WriteAllLines(_run.PathOf("data", "train.jsonl"), lines[1..]);                 // the first prompt keeps one of its two answers
        var observer = new RecordingObserver();
        RivalsRun.Train(_run, "pro", "single", observer);
        Assert.Contains(observer.Lines, line => line.StartsWith("pro: ", StringComparison.Ordinal) && line.Contains("1 prompts with one answer", StringComparison.Ordinal));

        File.WriteAllLines(_run.PathOf("data", "train.jsonl"), lines.Where((_, i) => i % 2 == 0));
        DataException refused = Assert.Throws<DataException>(() => RivalsRun.Train(_run, "pro", "none"));
        Assert.Contains("give no ranked lists to learn from (24 prompts with one answer)", refused.Message);
    }

    [Fact]
    public void Memory_is_planned_before_anything_is_computed()
    {
        foreach (string method in (string[])["dpo", "pro", "kto", "ppo", "{name: grpo, num_generations: 2}"])
        {
            RunPipeline pipeline = RivalsRun.Pipeline(_run, method, "planned");
            pipeline.CheckMemory(withMethods: true);
            Assert.True(pipeline.Memory.Single().Value.ActivationBytes > 0);
        }
    }

    private static float[] Weights(string path)
    {
        using LanguageModel model = LanguageModel.Load(path);
        return TinyPolicy.WeightsOf(model);
    }
}
