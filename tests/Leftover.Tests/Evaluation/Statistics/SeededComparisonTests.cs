using Leftover.Evaluation.Statistics;
using Leftover.Tensors;

namespace Leftover.Tests.Evaluation.Statistics;

public class SeededComparisonTests
{
    [Fact]
    public void The_interval_holds_what_seeds_and_what_prompts_would_change()
    {
        // The mean of score = seed effect + prompt effect has variance s²(seeds)/5 + s²(prompts)/40, both with n − 1.
        double[] seeds = [-2, -1, 0, 1, 2];
        double[] prompts = [.. Enumerable.Range(0, 40).Select(x => 0.3 * x)];
        double[][] scores = [.. seeds.Select(s => prompts.Select(p => s + p).ToArray())];
        double needed = Math.Sqrt(Square(seeds) + Square(prompts));
        SeededBootstrap bootstrap = SeededBootstrap.Of(scores, new RandomStream(1, "test"), 20_000);
        // Drawing 39 of 40 prompts with their n-variance gives s²·(39/40)/39 = s²/40, and 4 of 5 seeds s²/5: nothing is missing.
        GoldenCases.Close(needed, bootstrap.StandardError, 0.02, "standard error");
        Assert.Equal(0.3 * 39 / 2, bootstrap.Mean, 1e-12);

        static double Square(double[] values) => Math.Pow(Descriptive.StandardError(values), 2);
    }

    [Fact]
    public void One_seed_is_allowed_and_draws_prompts_alone()
    {
        double[] prompts = [1, 2, 3, 4, 5, 6, 7, 8];
        SeededBootstrap bootstrap = SeededBootstrap.Of([prompts], new RandomStream(1, "test"), 20_000);
        GoldenCases.Close(Descriptive.StandardError(prompts), bootstrap.StandardError, 0.02, "standard error");
        SeededComparison one = SeededComparison.Compare([prompts], [[0, 0, 0, 0, 0, 0, 0, 0]], new RandomStream(1, "test"));
        Assert.Equal(1, one.Seeds);
        Assert.Null(one.PSeeds);
        Assert.Null(one.SeedEffectSize);
    }

    [Fact]
    public void About_as_many_intervals_hold_the_truth_as_they_say()
    {
        RandomStream random = new(7, "coverage");
        int held = 0;
        const int Trials = 300;
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] prompts = [.. Enumerable.Range(0, 30).Select(_ => random.NextNormal())];
            double[][] scores = [.. Enumerable.Range(0, 8).Select(_ => { double seed = 0.2 * random.NextNormal(); return prompts.Select(p => seed + p + 0.5 * random.NextNormal()).ToArray(); })];
            Interval interval = SeededBootstrap.Of(scores, random, 400).Percentile(0.9);
            if (interval.Low <= 0 && 0 <= interval.High) held++;
        }
        Assert.InRange((double)held / Trials, 0.85, 0.96);
    }

    [Fact]
    public void A_method_that_is_always_better_by_as_much_wins()
    {
        double[][] b = [[0.1, 0.4, 0.2, 0.9], [0.2, 0.5, 0.1, 0.8], [0.3, 0.3, 0.3, 0.7]];
        double[][] a = [.. b.Select(x => x.Select(y => y + 0.25).ToArray())];
        SeededComparison comparison = SeededComparison.Compare(a, b, new RandomStream(1, "test"));
        Assert.Equal(0.25, comparison.Difference.Estimate, 1e-12);
        Assert.Equal(0.25, comparison.Difference.Low, 1e-12);
        Assert.Equal(0.25, comparison.Difference.High, 1e-12);
        Assert.True(comparison.IsDecided);
        Assert.Equal(2.0 / (MeanBootstrap.DefaultResamples + 1), comparison.P, 1e-12);
        Assert.Equal(2.0 / 16, comparison.PPrompts, 1e-12);   // 2⁴ signs, one of them as extreme on either side
        Assert.Equal(new WinRate(12, 0, 0), comparison.Replies);
        Assert.Equal([0.25, 0.25, 0.25], comparison.SeedDifferences.Select(x => Math.Round(x, 12)));
        Assert.Equal(3, comparison.Seeds);
        Assert.Equal(4, comparison.Prompts);
    }

    [Fact]
    public void Equal_methods_are_undecided_and_all_ties()
    {
        double[][] scores = [[0.1, 0.4, 0.2], [0.2, 0.5, 0.1]];
        SeededComparison comparison = SeededComparison.Compare(scores, scores, new RandomStream(1, "test"));
        Assert.False(comparison.IsDecided);
        Assert.Equal(1, comparison.P);
        Assert.Equal(1, comparison.PSeeds);
        Assert.Equal(new WinRate(0, 6, 0), comparison.Replies);
        Assert.Equal(0.5, comparison.WinRate.Estimate);
        Assert.Equal(0.5, comparison.ProbabilityOfImprovement, 2);
    }

    [Fact]
    public void Another_method_changes_no_pair_but_its_adjusted_p()
    {
        RandomStream random = new(3, "scores");
        (string, double[][]) Method(string name, double shift) =>
            (name, [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 12).Select(_ => shift + random.NextNormal()).ToArray())]);
        (string, double[][]) first = Method("a-lol", 1), second = Method("nll", 0), third = Method("dpo", 0.5);
        MethodPair alone = Assert.Single(SeededComparisons.OfAllPairs([first, second], seed: 5));
        IReadOnlyList<MethodPair> three = SeededComparisons.OfAllPairs([first, second, third], seed: 5);
        Assert.Equal(["a-lol nll", "a-lol dpo", "nll dpo"], three.Select(x => $"{x.A} {x.B}"));
        Assert.Equal(alone.Result.Difference, three[0].Result.Difference);
        Assert.Equal(alone.Result.P, alone.AdjustedP);
        Assert.All(three, x => Assert.InRange(x.AdjustedP, x.Result.P, 1));
        Assert.Equal(["a-lol nll", "dpo nll"], SeededComparisons.AgainstBaseline([first, second, third], "nll", seed: 5).Select(x => $"{x.A} {x.B}"));
        Assert.Contains("ppo", Assert.Throws<ArgumentException>(() => SeededComparisons.AgainstBaseline([first, second], "ppo", seed: 5)).Message);
    }

    [Fact]
    public void Methods_that_did_not_see_the_same_prompts_or_seeds_are_refused()
    {
        RandomStream random = new(1, "test");
        Assert.Contains("prompts", Assert.Throws<ArgumentException>(() => SeededComparison.Compare([[1, 2, 3]], [[1, 2]], random)).Message);
        Assert.Contains("seeds", Assert.Throws<ArgumentException>(() => SeededComparison.Compare([[1, 2]], [[1, 2], [1, 2]], random)).Message);
        Assert.Contains("prompts", Assert.Throws<ArgumentException>(() => SeededBootstrap.Of([[1, 2], [1, 2, 3]], random)).Message);
        Assert.Throws<ArgumentException>(() => SeededBootstrap.Of([], random));
    }
}
