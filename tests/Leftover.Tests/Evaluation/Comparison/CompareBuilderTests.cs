using Leftover.Data;
using Leftover.Evaluation.Comparison;
using Leftover.Reporting;
using Leftover.Reporting.Charts;
using Leftover.Reporting.Comparison;
using Leftover.Tests.Reporting.Comparison;

namespace Leftover.Tests.Evaluation.Comparison;

public class CompareBuilderTests
{
    [Fact]
    public void Methods_that_did_not_answer_the_same_prompts_are_refused()
    {
        ComparedCell[] cells = SampleComparison.Cells(methods: 2, seeds: 2, prompts: 5);
        ComparedCell other = cells[^1] with { Replies = [.. cells[^1].Replies.Select(reply => reply with { PromptText = reply.PromptText + "?" })] };
        DataException e = Assert.Throws<DataException>(() => SampleComparison.Input([.. cells[..^1], other]));
        Assert.Contains("'nll' (seed 2) and 'reference' (seed 1) did not answer the same prompts", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_that_lacks_a_seed_is_compared_over_the_seeds_that_both_have()
    {
        ComparedCell[] cells = [.. SampleComparison.Cells(methods: 3, seeds: 3, prompts: 8).Where(cell => cell is not { Method: "nll", Seed: 2 })];
        CompareResults compared = SampleComparison.Input(cells).Compared;
        Assert.Equal([2, 3, 2], new[] { ("nll", "reference"), ("wbc", "reference"), ("wbc", "nll") }.Select(pair => compared.Pairs.Single(own => (own.A, own.B) == pair && own.Reward == "total").Compared.Seeds));
        Assert.Equal([3, 2, 3], compared.Spreads.Select(spread => spread.Seeds));
    }

    [Fact]
    public void Where_there_is_no_total_a_reward_that_no_training_saw_does_not_rank()
    {
        ComparedCell[] cells = [.. SampleComparison.Cells(methods: 2, seeds: 2, prompts: 5).Select(cell => cell with
        {
            Replies = [.. cell.Replies.Select(reply => reply with { Rewards = reply.Rewards.Where(reward => reward.Key is "polite" or "distinct").ToDictionary() })],
        })];
        Assert.Equal(["distinct", "polite"], cells[0].Replies[0].Rewards.Keys.Order());
        Assert.Equal("polite", SampleComparison.Input(cells).Compared.RankingReward);
    }

    [Fact]
    public void Curves_have_a_band_from_the_lowest_to_the_highest_seed()
    {
        ComparedCell[] cells = SampleComparison.Cells(methods: 2, seeds: 3, prompts: 4);
        LearningCurve curve = SampleComparison.Input(cells).Compared.Curves.Single();
        for (int i = 0; i < curve.Points.Count; i++)
        {
            double[] scores = [.. cells.Where(cell => cell.Method == "nll").Select(cell => cell.Curve[i].Score)];
            Assert.Equal((scores.Average(), scores.Min(), scores.Max()), (curve.Points[i].Mean, curve.Points[i].Low, curve.Points[i].High));
        }
    }

    [Fact]
    public void The_noise_verdict_says_who_falls_least_and_whether_that_may_be_chance()
    {
        // a-lol loses 0.12 of its skill per unit of noise, the reference and the others 0.28 and more.
        string least = CompareVerdict.Noise(SampleComparison.Input(SampleComparison.Cells(methods: 6, seeds: 3, prompts: 60, noise: 0.9)).Compared)!;
        Assert.StartsWith("With 90% of the log's completions replaced by bad ones, a-lol falls least of 5 methods, by ", least, StringComparison.Ordinal);

        // Of the first eight a-lol-seq falls least.
        ComparedCell[] cells = [.. SampleComparison.Cells(methods: 8, seeds: 3, prompts: 60, noise: 0.9)];
        string notLeast = CompareVerdict.Noise(SampleComparison.Input(Sunk(cells)).Compared)!;
        Assert.Contains("a-lol does not fall least of 7 methods: it falls by ", notLeast, StringComparison.Ordinal);
        Assert.Contains("is more than chance gives", notLeast, StringComparison.Ordinal);
        Assert.Null(CompareVerdict.Noise(SampleComparison.Input(SampleComparison.Cells(methods: 6, seeds: 2, prompts: 6)).Compared));

        // a-lol earns nothing at all where completions are bad.
        static ComparedCell[] Sunk(ComparedCell[] cells) => [.. cells.Select(cell => cell is not { Method: "a-lol", Noise: > 0 } ? cell : cell with
        {
            Replies = [.. cell.Replies.Select(reply => reply with { Rewards = reply.Rewards.ToDictionary(reward => reward.Key, _ => 0.0) })],
        })];
    }

    [Fact]
    public void The_Pareto_front_is_of_those_that_no_other_beats_in_both()
    {
        PlaneChart.Point Point(string name, double price, double reward) => new(name, price, new Leftover.Evaluation.Estimate(reward, reward, reward), 1);
        PlaneChart.Point[] front = PlaneChart.Front([Point("dear", 5, 2), Point("best", 4, 3), Point("cheap", 0, 1), Point("beaten", 3, 0.9), Point("middle", 2, 2.5)]);
        Assert.Equal(["cheap", "middle", "best"], front.Select(point => point.Name));
    }

    [Fact]
    public void The_verdict_names_seeds_and_prompts()
    {
        Verdict verdict = CompareVerdict.Of(SampleComparison.Input(SampleComparison.Cells(methods: 6, seeds: 3, prompts: 60)).Compared);
        Assert.Contains("on 60 held-out prompts with 3 seeds", verdict.Headline, StringComparison.Ordinal);
    }
}
