using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Tests.Batches;

public class BatchPackerTests
{
    private static readonly int[] s_prompt = [1, 2, 3];

    [Fact]
    public void A_prompt_shared_by_two_completions_stands_once_and_predicts_the_first_token_of_each()
    {
        CompletionBatch batch = BatchPacker.Pack([Row(0, s_prompt, 4, 5), Row(1, [1, 2, 3], 6)]);

        // The last token of a completion predicts nothing, so it is no input: 3 prompt tokens and the 4.
        Assert.Equal([1, 2, 3, 4], batch.Tokens);
        Assert.Equal([2, 3, 2], batch.Rows);
        Assert.Equal([4, 5, 6], batch.Targets);
        Assert.Equal([0, 2, 3], batch.Offsets);
        Assert.Equal([new Segment(0, 3), new Segment(3, 1, 0), new Segment(4, 0, 0)], batch.Layout.Segments.ToArray());
        Assert.Equal([0, 1, 2, 3], batch.Layout.Positions.ToArray());
    }

    [Fact]
    public void Completions_are_grouped_by_prompt_and_keep_their_examples_rewards_and_reference()
    {
        TrainingRow a = Row(7, [1], 2) with { Reward = 0.5f, Advantage = 0.25f, Weight = 2, ReferenceTokenLogProbs = [-1] };
        TrainingRow b = Row(8, [9], 3) with { Reward = 0.75f, Advantage = -0.5f, ReferenceTokenLogProbs = [-2] };
        TrainingRow c = Row(9, [1], 4) with { Reward = 1, Advantage = 0.125f, ReferenceTokenLogProbs = [-3] };

        CompletionBatch batch = BatchPacker.Pack([a, b, c]);

        Assert.Equal([7, 9, 8], batch.Examples);
        Assert.Equal([0.5f, 1, 0.75f], batch.RewardValues);
        Assert.Equal([0.25f, 0.125f, -0.5f], batch.AdvantageValues);
        Assert.Equal([2, 1, 1], batch.WeightValues);
        Assert.Equal([-1, -3, -2], batch.ReferenceTokenLogProbValues);
    }

    [Fact]
    public void Rows_are_cut_where_the_next_would_pass_the_limit_and_a_long_row_stands_alone()
    {
        TrainingRow[] rows = [Row(0, [1, 2], 3, 4), Row(1, [1, 2], 5), Row(2, [6], 7, 7, 7, 7, 7, 7, 7), Row(3, [8], 9)];

        int[][] runs = [.. BatchPacker.CutByTokens(rows, maxTokens: 5).Select(run => run.Select(row => row.Example).ToArray())];

        // 2 + 2 and, the prompt being shared, 1 more: 5. The third has 8 by itself.
        Assert.Equal([[0, 1], [2], [3]], runs);
    }

    private static TrainingRow Row(int example, int[] prompt, params int[] completion) => new(example, prompt, completion);
}
