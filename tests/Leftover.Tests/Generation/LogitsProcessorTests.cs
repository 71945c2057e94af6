using Leftover.Generation;
using Leftover.Tensors;

namespace Leftover.Tests.Generation;

public class LogitsProcessorTests
{
    [Theory]
    [InlineData(0.0f), InlineData(0.05f), InlineData(0.5f), InlineData(0.9f), InlineData(0.999f)]
    public void Top_p_keeps_what_sorting_all_tokens_keeps(float p)
    {
        foreach (double spread in new[] { 0.01, 1, 8 })                    // from nearly flat to nearly certain
        {
            float[] scores = Scores(3000, spread), filtered = Filtered.Of(scores, new GenerationOptions { TopP = p });
            double max = scores.Max(), total = scores.Sum(score => Math.Exp(score - max)), before = 0;
            foreach (int id in Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]))
            {
                double share = Math.Exp(scores[id] - max) / total;
                if (Math.Abs(before - p) > 1e-5) Assert.Equal(before < p || before == 0, !float.IsNegativeInfinity(filtered[id]));
                before += share;
            }
        }
    }

    [Fact]
    public void Top_k_keeps_ties_with_the_last()
    {
        float[] scores = [1, 5, 3, 3, 3, 0];
        Assert.Equal([float.NegativeInfinity, 5, 3, 3, 3, float.NegativeInfinity], Filtered.Of(scores, new GenerationOptions { TopK = 2 }));
    }

    [Fact]
    public void Filters_follow_each_other_and_the_mass_of_top_p_is_that_of_top_k()
    {
        // Of 8, 4, 2, 1, 1 parts the top 3 have 14: 0.9 of that needs all of them, 0.8 the first two, whose shares are 1 and a half.
        float[] scores = [.. new[] { 1.0, 8, 1, 4, 2 }.Select(part => (float)Math.Log(part))];
        Assert.Equal([1, 3, 4], Kept(new GenerationOptions { TopK = 3 }));
        Assert.Equal([1, 3, 4], Kept(new GenerationOptions { TopK = 3, TopP = 0.9f }));
        Assert.Equal([1, 3], Kept(new GenerationOptions { TopK = 3, TopP = 0.8f }));
        Assert.Equal([1, 3, 4], Kept(new GenerationOptions { TopP = 0.8f }));
        Assert.Equal([1, 3], Kept(new GenerationOptions { MinP = 0.3f }));
        Assert.Equal([1, 3], Kept(new GenerationOptions { TopP = 0.8f, MinP = 0.3f }));
        Assert.Equal([1], Kept(new GenerationOptions { TopP = 0 }));

        int[] Kept(GenerationOptions options)
        {
            float[] left = Filtered.Of(scores, options);
            return [.. Enumerable.Range(0, left.Length).Where(id => !float.IsNegativeInfinity(left[id]))];
        }
    }

    [Fact]
    public void A_token_that_came_twice_is_penalised_once()
    {
        float[] scores = [2, -2, 1];
        LogitsProcessor.Penalize(scores, [0, 1, 0, 1, 1], new GenerationOptions { RepetitionPenalty = 2 });
        Assert.Equal([1, -4, 1], scores);
    }

    [Fact]
    public void The_block_of_single_tokens_takes_out_all_that_came()
    {
        float[] scores = [2, -2, 1];
        LogitsProcessor.Penalize(scores, [0, 1, 0], new GenerationOptions { NoRepeatNgramSize = 1 });
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity, 1], scores);
    }

    [Fact]
    public void Texts_shorter_than_the_ngram_block_nothing()
    {
        float[] scores = [2, -2, 1];
        LogitsProcessor.Penalize(scores, [0], new GenerationOptions { NoRepeatNgramSize = 3 });
        Assert.Equal([2, -2, 1], scores);
    }

    private static float[] Scores(int count, double spread)
    {
        var random = new RandomStream(3, "scores");
        return [.. Enumerable.Range(0, count).Select(_ => (float)(spread * random.NextNormal()))];
    }
}
