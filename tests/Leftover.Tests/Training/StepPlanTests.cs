using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors.Optimizers;
using Leftover.Training;

namespace Leftover.Tests.Training;

public sealed class StepPlanTests
{
    private static readonly TrainingOptions s_options = new() { BatchTokens = 60, Epochs = 3 };

    [Fact]
    public void Steps_by_tokens_keep_to_the_budget_and_take_every_row_once_a_pass()
    {
        TrainingRow[] rows = TinyPolicy.Rows(50);
        StepPlan plan = Plan(rows, s_options);
        List<IReadOnlyList<TrainingRow>> steps = [.. plan.All];

        Assert.All(steps, step => Assert.InRange(BatchPacker.SizeOf(step).Inputs, 1, 60));
        Assert.Equal(plan.Steps, steps.Count);
        int[] taken = [.. steps.SelectMany(step => step.Select(row => row.Example))];
        Assert.Equal(150, taken.Length);
        Assert.All(taken.GroupBy(row => row), group => Assert.Equal(3, group.Count()));
        // A step ends only where the next row does not fit, so all but the last are at least half full: no row here has more than 18 tokens.
        Assert.All(steps.SkipLast(1), step => Assert.True(BatchPacker.SizeOf(step).Inputs + step.Count > 60 - 18));
    }

    [Fact]
    public void Rows_of_one_prompt_are_neighbours_in_a_step_and_their_prompt_counts_once()
    {
        int[] prompt = [.. Enumerable.Range(0, 30)];
        TrainingRow[] rows = [.. Enumerable.Range(0, 8).Select(i => new TrainingRow(i, i % 2 == 0 ? prompt : [1], [2, 3, 4]))];
        StepPlan plan = Plan(rows, new TrainingOptions { BatchTokens = 64 });
        // 30 + 1 prompt tokens and 8 completions of 3: 55 in all. Eight prompts of their own would be 148.
        IReadOnlyList<TrainingRow> step = Assert.Single(plan.All);
        Assert.Equal(2, Enumerable.Range(1, 7).Count(i => step[i].Prompt.Length != step[i - 1].Prompt.Length) + 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(60)]
    public void A_total_of_tokens_is_as_many_whole_steps_as_fit(int? batchTokens)
    {
        TrainingRow[] rows = TinyPolicy.Rows(50);
        TrainingOptions options = new() { BatchSize = 4, BatchTokens = batchTokens, Epochs = 20 };
        int Tokens(StepPlan steps) => steps.All.Sum(step => BatchPacker.SizeOf(step).Inputs);
        StepPlan plan = Plan(rows, options with { TotalTokens = 700 }), more = Plan(rows, options with { Steps = plan.Steps + 1 });
        Assert.InRange(Tokens(plan), 1, 700);
        Assert.True(Tokens(more) > 700);
        Assert.Equal(1, Plan(rows, options with { TotalTokens = 1 }).Steps);
    }

    [Fact]
    public void A_row_longer_than_the_budget_stands_alone()
    {
        TrainingRow[] rows = [new(0, [1, 2], [3]), new(1, new int[100], [3]), new(2, [1, 2], [3])];
        StepPlan plan = Plan(rows, new TrainingOptions { BatchTokens = 16 });
        Assert.Contains(plan.All, step => step.Count == 1 && step[0].Example == 1);
        Assert.Equal(3, plan.All.Sum(step => step.Count));
    }

    [Fact]
    public void A_step_depends_on_seed_and_number_alone_and_accumulation_widens_it()
    {
        TrainingRow[] rows = TinyPolicy.Rows(50);
        StepPlan whole = Plan(rows, s_options), again = Plan(rows, s_options);
        Assert.Equal(Examples(whole.RowsOf(5)), Examples(again.RowsOf(5)));
        Assert.NotEqual(Examples(whole.RowsOf(5)), Examples(Plan(rows, s_options, seed: 8).RowsOf(5)));
        StepPlan wide = Plan(rows, s_options with { GradientAccumulation = 2 });
        Assert.InRange(wide.Steps, whole.Steps / 2, whole.Steps / 2 + 1);
        Assert.Equal(7, Plan(rows, s_options with { Steps = 7 }).Steps);
    }

    [Fact]
    public void Twice_the_rows_take_twice_the_steps()
    {
        // Rows of 6 tokens, 10 a step: the cost of an epoch is that of its tokens.
        static TrainingRow[] Of(int count) => [.. Enumerable.Range(0, count).Select(i => new TrainingRow(i, [i % 30, i / 30, 1], [1, 2, 3]))];
        var options = new TrainingOptions { BatchTokens = 60 };
        Assert.Equal((10, 20), (Plan(Of(100), options).Steps, Plan(Of(200), options).Steps));
    }

    [Fact]
    public void Steps_by_completions_are_as_before()
    {
        TrainingRow[] rows = TinyPolicy.Rows(10);
        StepPlan plan = Plan(rows, new TrainingOptions { BatchSize = 4 });
        Assert.Equal((3, "4 completions"), (plan.Steps, plan.StepText));
        Assert.Equal(SamplingPlan.Passes(10, 4, 7).Step(2), Examples(plan.RowsOf(2)));
    }

    [Fact]
    public void Rows_of_weight_0_are_not_computed_and_change_neither_loss_nor_gradient()
    {
        // Computed, they would add 0 to the loss's sum and 1 to its count; left out, they must do the same.
        TrainingRow[] rows = [.. TinyPolicy.Rows(12).Select((row, i) => row with { Weight = i % 3 == 0 ? 0 : 1 + i })];
        (StepReport report, float[] weights) = OneStep(rows);
        (StepReport computed, float[] same) = OneStep([.. rows.Select(row => row.Weight == 0 ? row with { Weight = 1e-30f } : row)]);

        Assert.Equal((8, 12), (report.Completions, computed.Completions));
        Assert.True(report.Tokens < computed.Tokens);
        Assert.Equal(computed.Loss, report.Loss, 1e-5);
        for (int i = 0; i < weights.Length; i++) Assert.Equal(same[i], weights[i], 1e-6f);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_group_that_a_step_holds_twice_stays_two_groups(bool byTokens)
    {
        TrainingRow[] rows = TinyPolicy.Rows(4);
        IReadOnlyList<TrainingRow>[] pairs = [.. Enumerable.Range(0, 2).Select(g => (IReadOnlyList<TrainingRow>)[rows[2 * g] with { Group = g, Prompt = rows[0].Prompt }, rows[2 * g + 1] with { Group = g, Prompt = rows[0].Prompt }])];
        var options = new TrainingOptions { BatchSize = 5, BatchTokens = byTokens ? 200 : null, Steps = 2 };
        StepPlan plan = StepPlan.Of(SamplingPlan.Passes(pairs.Length, StepPlan.SampledTogether(options), 3), pairs, options, "pairs");
        foreach (IReadOnlyList<TrainingRow> step in plan.All)
        {
            CompletionBatch batch = BatchPacker.Pack(step);
            Assert.True(step.Count > 4, "the step is longer than a pass");
            Assert.Equal(step.Count / 2, batch.Groups);
            Assert.All(batch.GroupOffsets.Zip(batch.GroupOffsets.Skip(1)), ends => Assert.Equal(2, ends.Second - ends.First));
        }
    }

    private static (StepReport Report, float[] Weights) OneStep(TrainingRow[] rows)
    {
        using LanguageModel policy = TinyPolicy.Create();
        using var trainer = new Trainer(policy, new NegativeLogLikelihood(), new TrainerSettings { Optimizer = new AdamWOptions { Epsilon = 1e-3 }, LearningRate = _ => 1e-3f }, _ => rows);
        StepReport report = trainer.Steps(1, 1).Single();
        return (report, TinyPolicy.WeightsOf(policy));
    }

    private static StepPlan Plan(TrainingRow[] rows, TrainingOptions options, long seed = 7) =>
        StepPlan.Of(SamplingPlan.Passes(rows.Length, StepPlan.SampledTogether(options), seed), rows, options);

    private static int[] Examples(IReadOnlyList<TrainingRow> rows) => [.. rows.Select(row => row.Example)];
}
