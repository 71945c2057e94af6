using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Tensors.Optimizers;
using Leftover.Tests.Training;
using Leftover.Training;

namespace Leftover.Tests.Batches;

public class GroupBatchTests
{
    [Fact]
    public void A_group_shares_its_prompt_and_keeps_its_order()
    {
        CompletionBatch batch = BatchPacker.Pack([Row(7, [1, 2, 3], [4, 5], 0), Row(8, [1, 2, 3], [6], 0), Row(9, [2], [5], 1), Row(10, [2], [4, 4], 1), Row(11, [9], [4], TrainingRow.Alone)]);
        Assert.Equal([7, 8, 9, 10, 11], batch.Examples);
        Assert.Equal([0, 2, 4, 5], batch.GroupOffsets);
        Assert.Equal(3, batch.Groups);
        Assert.Equal([1, 2, 3, 4, 2, 4, 9], batch.Tokens);                 // prompts once, completions without their last token
    }

    [Fact]
    public void Two_groups_of_one_prompt_stay_two_and_share_it()
    {
        CompletionBatch batch = BatchPacker.Pack([Row(0, [1, 2], [4], 0), Row(1, [1, 2], [5], 0), Row(0, [1, 2], [4], 1), Row(2, [1, 2], [6], 1)]);
        Assert.Equal([0, 2, 4], batch.GroupOffsets);
        Assert.Equal([1, 2], batch.Tokens);
    }

    [Fact]
    public void A_groups_best_is_its_first_unless_a_row_says_otherwise()
    {
        CompletionBatch batch = BatchPacker.Pack([Row(0, [1], [4], 0), Row(1, [1], [5], 0), Row(2, [2], [4], 1), Row(3, [2], [5], 1) with { IsBest = true }, Row(4, [3], [5], TrainingRow.Alone)]);
        Assert.Equal([0, 3, 4], batch.BestOfGroup);
        Assert.Empty(batch.LogSumSquaredProbValues);
    }

    [Fact]
    public void A_loss_that_sorts_a_step_refuses_parts_of_it()
    {
        using LanguageModel policy = TinyPolicy.Create();
        TrainingRow[] rows = [.. TinyPolicy.Rows(12).Select((row, i) => row with { Group = i / 2 })];
        var settings = new TrainerSettings { Optimizer = new AdamWOptions(), LearningRate = _ => 1e-3f };
        StepReport Trained(TrainerSettings cut)
        {
            using var trainer = new Trainer(policy, new Dpo { LossType = [DpoLoss.Aot] }, cut, _ => rows);
            return trainer.Steps(1, 1).Single();
        }

        Assert.True(double.IsFinite(Trained(settings).Loss));
        foreach (TrainerSettings cut in (TrainerSettings[])[settings with { Accumulation = 2 }, settings with { MaxBatchTokens = 20 }])
            Assert.Contains("compares all groups of a step", Assert.Throws<InvalidOperationException>(() => Trained(cut)).Message);
    }

    [Fact]
    public void A_batch_is_cut_between_groups_never_within_one()
    {
        TrainingRow[] rows = [.. Enumerable.Range(0, 6).SelectMany(g => Enumerable.Range(0, 3).Select(i => Row(3 * g + i, [1, 2, 3, g], [4, 5, 6], g)))];
        foreach (int tokens in (ReadOnlySpan<int>)[1, 13, 26, 40, 1000])
        {
            List<List<TrainingRow>> runs = [.. BatchPacker.CutByTokens(rows, tokens)];
            Assert.Equal(rows, runs.SelectMany(run => run));
            Assert.All(runs, run => Assert.Equal(0, run.Count % 3));
            Assert.All(runs, run => Assert.True(run.Count == 3 || run.Count / 3 * 13 <= tokens));
        }
    }

    [Fact]
    public void Shares_count_groups_or_tokens_and_add_up_to_one()
    {
        // A group of three, one of two and a single row, cut after each.
        TrainingRow[] rows = [Row(0, [1], [4, 4], 0), Row(1, [1], [5], 0), Row(2, [1], [6], 0), Row(3, [2], [4], 1), Row(4, [2], [5, 5], 1), Row(5, [3], [7], TrainingRow.Alone)];
        var settings = new TrainerSettings { Optimizer = new AdamWOptions(), LearningRate = _ => 1, MaxBatchTokens = 1 };
        Assert.Equal([1f / 3, 1f / 3, 1f / 3], StepBatches.Of(rows, settings).Select(batch => batch.Share));
        Assert.Equal([4f / 8, 3f / 8, 1f / 8], StepBatches.Of(rows, settings, byTokens: true).Select(batch => batch.Share));
    }

    [Fact]
    public void A_step_of_pairs_is_the_same_whether_it_is_cut_for_memory_or_not()
    {
        float[] Trained(int maxTokens)
        {
            using LanguageModel policy = TinyPolicy.Create();
            TrainingRow[] rows = [.. TinyPolicy.Rows(12).Select((row, i) => row with { Group = i / 2 })];
            using var trainer = new Trainer(policy, new Dpo(), new TrainerSettings { Optimizer = new AdamWOptions { Epsilon = 1e-3 }, LearningRate = _ => 1e-3f, MaxBatchTokens = maxTokens }, _ => rows);
            StepReport report = trainer.Steps(1, 1).Single();
            Assert.InRange(report.Figures["rewards/accuracies"], 0, 1);
            return TinyPolicy.WeightsOf(policy);
        }

        float[] whole = Trained(4096), cut = Trained(20);
        for (int i = 0; i < whole.Length; i++) Assert.Equal(whole[i], cut[i], 1e-6f);
    }

    private static TrainingRow Row(int example, int[] prompt, int[] completion, int group) => new(example, prompt, completion) { Group = group };
}
