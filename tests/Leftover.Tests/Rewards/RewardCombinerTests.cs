using System.Text.Json;
using Leftover.Data;
using Leftover.Rewards;

namespace Leftover.Tests.Rewards;

public class RewardCombinerTests
{
    private static readonly Dictionary<string, double[]> s_train = new()
    {
        ["kind"] = [0.1, 0.9, 0.4, 0.6],
        ["votes"] = [100, -300, 50, 900],
        ["same"] = [0.3, 0.3, 0.3, 0.3],
    };

    [Fact]
    public void A_normaliser_fitted_on_the_train_set_is_the_same_for_a_held_out_row()
    {
        RewardCombiner combiner = RewardCombiner.Fit([new("votes", 2, RewardNormalizer.MinMax), new("kind")], s_train);
        // (300 + 300) / 1200 = ½, times 2, plus 0.25. A value beyond the train set's is not clipped.
        Assert.Equal(1.25, combiner.Combine(Row(("votes", 300), ("kind", 0.25))), 1e-12);
        Assert.Equal(4, combiner.Combine(Row(("votes", 2100), ("kind", 0))), 1e-12);
    }

    [Fact]
    public void New_values_rank_between_their_neighbours_and_never_outside()
    {
        FittedNormalizer rank = FittedNormalizer.Fit(RewardNormalizer.Rank, [10, 20, 20, 40]);
        Assert.Equal([0, 0.5, 1], [rank.Apply(10), rank.Apply(20), rank.Apply(40)]);   // 20 has ranks 2 and 3: (2.5 − 1)/3
        Assert.Equal([0, 0.5 / 3, 2.5 / 3, 1], [rank.Apply(5), rank.Apply(15), rank.Apply(30), rank.Apply(99)]);
        FittedNormalizer midpoint = FittedNormalizer.Fit(RewardNormalizer.RankMidpoint, [10, 20, 20, 40]);
        Assert.Equal([0, 0.125, 0.25, 0.5, 0.75, 0.875, 1], [midpoint.Apply(5), midpoint.Apply(10), midpoint.Apply(15), midpoint.Apply(20), midpoint.Apply(30), midpoint.Apply(40), midpoint.Apply(99)]);
    }

    [Theory]
    [InlineData(RewardNormalizer.None), InlineData(RewardNormalizer.MinMax), InlineData(RewardNormalizer.ZScore), InlineData(RewardNormalizer.ZScoreUnbiased)]
    [InlineData(RewardNormalizer.Rank), InlineData(RewardNormalizer.RankMidpoint), InlineData(RewardNormalizer.Sigmoid), InlineData(RewardNormalizer.Robust)]
    public void What_was_written_beside_the_results_combines_as_before(RewardNormalizer normalizer)
    {
        RewardCombiner combiner = RewardCombiner.Fit([new("kind", 0.5, normalizer), new("votes", -1, normalizer)], s_train);
        RewardCombiner read = JsonSerializer.Deserialize<RewardCombiner>(JsonSerializer.Serialize(combiner))!;
        foreach (double x in (double[])[-500, 0.1, 0.5, 60, 1e6])
            Assert.Equal(combiner.Combine(Row(("kind", x), ("votes", x))), read.Combine(Row(("kind", x), ("votes", x))));
        Assert.Equal(combiner.Warnings, read.Warnings);
    }

    [Theory]
    [InlineData(RewardNormalizer.MinMax), InlineData(RewardNormalizer.ZScore), InlineData(RewardNormalizer.Robust)]
    [InlineData(RewardNormalizer.Rank), InlineData(RewardNormalizer.RankMidpoint), InlineData(RewardNormalizer.Sigmoid)]
    public void A_normaliser_keeps_the_order_of_rewards(RewardNormalizer normalizer)
    {
        FittedNormalizer fitted = FittedNormalizer.Fit(normalizer, [0.3, -1, 0.3, 2, 0.7]);
        double last = double.NegativeInfinity;
        for (double reward = -3; reward <= 4; reward += 0.05)
        {
            Assert.True(fitted.Apply(reward) >= last, $"{normalizer} at {reward}");
            last = fitted.Apply(reward);
        }
    }

    [Fact]
    public void A_constant_reward_is_warned_of_and_becomes_zero_whatever_its_rounding()
    {
        RewardCombiner combiner = RewardCombiner.Fit([new("same", 1, RewardNormalizer.ZScore), new("kind", 1, RewardNormalizer.ZScore), new("votes", 1, RewardNormalizer.ZScore)], s_train);
        Assert.Equal("The reward 'same' is 0.3 in all 4 rows of the train set: it tells no completion from another.", Assert.Single(combiner.Warnings));
        Assert.Equal(0, combiner.Rewards[0].VarianceShare);
        Assert.Equal(0, combiner.Rewards[0].Normalizer.Apply(0.3));
    }

    [Fact]
    public void A_reward_that_drowns_the_others_is_warned_of_until_it_is_normalised()
    {
        RewardCombiner raw = RewardCombiner.Fit([new("kind"), new("votes")], s_train);
        Assert.Contains("'votes' makes up 100 % of the variance", Assert.Single(raw.Warnings));
        RewardCombiner normalised = RewardCombiner.Fit([new("kind", 1, RewardNormalizer.ZScore), new("votes", 1, RewardNormalizer.ZScore)], s_train);
        Assert.Empty(normalised.Warnings);
        Assert.Equal(0.5, normalised.Rewards[0].VarianceShare!.Value, 1e-12);   // two of equal variance share equally, whatever their correlation
        Assert.Equal(1, raw.Rewards.Sum(x => x.VarianceShare!.Value), 1e-12);
    }

    [Fact]
    public void One_reward_alone_drowns_none() => Assert.Empty(RewardCombiner.Fit([new("votes"), new("kind", 0)], s_train).Warnings);

    [Fact]
    public void The_range_of_the_whole_follows_from_the_ranges_of_its_parts()
    {
        RewardCombiner combiner = RewardCombiner.Fit([new("kind", 2), new("votes", -1, RewardNormalizer.Sigmoid), new("same", 0)], s_train);
        Assert.Equal(new RewardRange(-1, 2), combiner.RangeOf(new Dictionary<string, RewardRange> { ["kind"] = RewardRange.Unit }));
        RewardCombiner unknown = RewardCombiner.Fit([new("votes")], s_train);
        Assert.Equal(RewardRange.Unbounded, unknown.RangeOf(new Dictionary<string, RewardRange>()));
        RewardCombiner product = RewardCombiner.Fit([new("kind"), new("votes")], s_train, RewardAggregation.Product);
        Assert.Equal(new RewardRange(-4, 4), product.RangeOf(new Dictionary<string, RewardRange> { ["kind"] = new(-1, 1), ["votes"] = new(2, 4) }));
    }

    [Fact]
    public void A_bounded_reward_counts_as_its_bound_before_it_is_normalised()
    {
        // Between 0 and 100 the votes are 100, 0, 50, 100: so 50 is a half of the range, and 900 no more than 100.
        RewardCombiner combiner = RewardCombiner.Fit([new("votes", 1, RewardNormalizer.MinMax) { Lower = 0, Upper = 100 }], s_train);
        Assert.Equal([1, 0, 0.5, 1], combiner.CombineAll(s_train));
        Assert.Equal([0, 0.25, 1], new[] { -1e9, 25, 1e9 }.Select(votes => combiner.Combine(Row(("votes", votes)))));
        Assert.Equal(new RewardRange(0, 1), combiner.RangeOf(new Dictionary<string, RewardRange>()));
        RewardCombiner read = JsonSerializer.Deserialize<RewardCombiner>(JsonSerializer.Serialize(combiner))!;
        Assert.Equal(1, read.Combine(Row(("votes", 1e9))));
        RewardCombiner above = RewardCombiner.Fit([new("votes") { Lower = 60 }], s_train);
        Assert.Equal([100, 60, 60, 900], above.CombineAll(s_train));
        Assert.Contains("must be at most the upper", Assert.Throws<ArgumentException>(() => RewardCombiner.Fit([new("votes") { Lower = 2, Upper = 1 }], s_train)).Message);
    }

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Contains("no reward 'nice'; there is: kind, votes, same", Assert.Throws<ArgumentException>(() => RewardCombiner.Fit([new("nice")], s_train)).Message);
        Assert.Contains("'kind' is named 2 times", Assert.Throws<ArgumentException>(() => RewardCombiner.Fit([new("kind"), new("kind")], s_train)).Message);
        Assert.Contains("add up to 0", Assert.Throws<ArgumentException>(() => RewardCombiner.Fit([new("kind", 1), new("votes", -1)], s_train, RewardAggregation.WeightedMean)).Message);
        Assert.Throws<ArgumentException>(() => RewardCombiner.Fit([], s_train));
        Assert.Throws<ArgumentException>(() => FittedNormalizer.Fit(RewardNormalizer.ZScore, [1, double.NaN]));
        Assert.Throws<ArgumentException>(() => FittedNormalizer.Fit(RewardNormalizer.ZScore, []));
        RewardCombiner combiner = RewardCombiner.Fit([new("kind")], s_train);
        Assert.Contains("no reward 'kind'; it has: votes", Assert.Throws<DataException>(() => combiner.Combine(Row(("votes", 1)))).Message);
        Assert.Contains("has 1 rows", Assert.Throws<ArgumentException>(() => RewardCombiner.Fit([new("kind"), new("votes")], new Dictionary<string, double[]> { ["kind"] = [1, 2], ["votes"] = [1] })).Message);
    }

    [Fact]
    public void The_sigmoid_of_the_methods_logits()
    {
        // METHOD §8.7: 0.39343059 and -1.7065357 become 0.597108 and 0.153614.
        FittedNormalizer sigmoid = FittedNormalizer.Fit(RewardNormalizer.Sigmoid, [0.39343059, -1.7065357]);
        Assert.Equal(0.597108, sigmoid.Apply(0.39343059), 1e-6);
        Assert.Equal(0.153614, sigmoid.Apply(-1.7065357), 1e-6);
        Assert.Equal(0.5, sigmoid.Apply(0));
        Assert.Equal([0, 1], [sigmoid.Apply(-800), sigmoid.Apply(800)]);
    }

    private static Dictionary<string, double> Row(params (string Name, double Value)[] rewards) => rewards.ToDictionary(x => x.Name, x => x.Value);
}
