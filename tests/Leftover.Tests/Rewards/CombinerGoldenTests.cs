using System.Text.Json;
using Leftover.Rewards;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Rewards;

[Trait("Category", "Golden")]
public class CombinerGoldenTests
{
    private const string Normalizers = "losses/reward_normalisers.json", Combinations = "losses/reward_combination.json";

    public static TheoryData<int, string> NormalizerCases() => GoldenCases.Of(Normalizers);

    public static TheoryData<int, string> CombinationCases() => GoldenCases.Of(Combinations);

    [GoldenTheory(Normalizers), MemberData(nameof(NormalizerCases))]
    public void Each_normaliser_agrees_with_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Normalizers, index);
        double[] values = golden.Numbers("values");
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            FittedNormalizer fitted = FittedNormalizer.Fit(Normalizer(expected.Name), values);
            Close(expected.Value.Numbers(), Array.ConvertAll(values, fitted.Apply), $"{name}: {expected.Name}");
        }
    }

    [GoldenTheory(Combinations), MemberData(nameof(CombinationCases))]
    public void Several_rewards_become_the_one_of_the_reference(int index, string name)
    {
        JsonElement golden = GoldenCases.Case(Combinations, index);
        Dictionary<string, double[]> rewards = golden.GetProperty("rewards").EnumerateObject().ToDictionary(x => x.Name, x => x.Value.Numbers());
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            (bool isWeighted, RewardNormalizer normalizer, RewardAggregation aggregation) = expected.Name switch
            {
                "sum" => (false, RewardNormalizer.None, RewardAggregation.WeightedSum),
                "mean" => (false, RewardNormalizer.None, RewardAggregation.WeightedMean),
                "weighted" => (true, RewardNormalizer.None, RewardAggregation.WeightedSum),
                "weighted mean" => (true, RewardNormalizer.None, RewardAggregation.WeightedMean),
                "minimum" => (true, RewardNormalizer.None, RewardAggregation.Minimum),
                "product" => (true, RewardNormalizer.None, RewardAggregation.Product),
                _ when expected.Name.StartsWith("weighted after ", StringComparison.Ordinal) => (true, Normalizer(expected.Name["weighted after ".Length..]), RewardAggregation.WeightedSum),
                _ => throw GoldenCases.Unknown(Combinations, expected.Name),
            };
            RewardWeight[] weights =
                [.. golden.GetProperty("weights").EnumerateObject().Select(x => new RewardWeight(x.Name, isWeighted ? x.Value.GetDouble() : 1, normalizer))];
            Close(expected.Value.Numbers(), RewardCombiner.Fit(weights, rewards, aggregation).CombineAll(rewards), $"{name}: {expected.Name}");
        }
    }

    private static RewardNormalizer Normalizer(string name) => name switch
    {
        "none" => RewardNormalizer.None,
        "min-max" => RewardNormalizer.MinMax,
        "z-score (biased)" => RewardNormalizer.ZScore,
        "z-score (unbiased)" => RewardNormalizer.ZScoreUnbiased,
        "rank (average ties, (r-1)/(n-1))" => RewardNormalizer.Rank,
        "rank (average ties, (r-0.5)/n)" => RewardNormalizer.RankMidpoint,
        "sigmoid" => RewardNormalizer.Sigmoid,
        "robust ((x-median)/IQR, linear percentiles)" => RewardNormalizer.Robust,
        _ => throw GoldenCases.Unknown(Normalizers, name),
    };

    /// <summary>Relative 1e-9 and absolute 1e-12, as for all goldens of losses.</summary>
    private static void Close(double[] expected, double[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) GoldenCases.Within(expected[i], actual[i], 1e-9 * Math.Abs(expected[i]) + 1e-12, $"{what} [{i}]");
    }
}
