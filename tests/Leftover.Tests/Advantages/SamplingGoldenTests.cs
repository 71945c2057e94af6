using System.Globalization;
using System.Text.Json;
using Leftover.Advantages;
using Leftover.Tests.Golden;
using static Leftover.Tests.LossGolden;

namespace Leftover.Tests.Advantages;

[Trait("Category", "Golden")]
public class SamplingGoldenTests
{
    private const int Steps = 9000, EvaluateEvery = 900;             // the HHA script's

    public static TheoryData<string> Cases => Names("sampling.json");

    [GoldenTheory("losses/sampling.json")]
    [MemberData(nameof(Cases))]
    public void Given_uniforms_draw_the_rows_that_the_authors_code_draws(string name)
    {
        JsonElement one = Case("sampling.json", name);
        double[] uniforms = one.Doubles("uniform");
        foreach (JsonProperty strategy in one.GetProperty("expected").GetProperty("official").EnumerateObject())
        {
            (AdvantageTable table, SamplingStrategy kind, double[] credits) = Setup(one, strategy.Name);
            SamplingPlan plan = SamplingPlan.For(table, new SamplingOptions { Strategy = kind }, batchSize: 4, seed: 1);
            double[] probabilities = Priorities.Power(credits, kind == SamplingStrategy.GoodRandom ? 0 : 1);
            var draws = new DrawTable(probabilities);
            int n = one.Doubles("good_advantage").Length;

            Assert.Equal(strategy.Value.GetProperty("steps").GetInt32(), plan.Scaled(Steps));
            Assert.Equal(strategy.Value.GetProperty("evaluate_every").GetInt32(), plan.Scaled(EvaluateEvery));
            Assert.Equal(strategy.Value.Ints("indices"), plan.Rows);
            AssertClose(strategy.Value.Doubles("probability"), probabilities, $"{strategy.Name} probability");
            AssertClose(strategy.Value.Doubles("cumulative"), draws.Cumulative, $"{strategy.Name} cumulative");
            AssertClose(strategy.Value.Doubles("expected_coefficient"), [.. probabilities.Zip(credits, (p, x) => p * Math.Max(x, 0))], $"{strategy.Name} coefficient");
            int[] drawn = [.. uniforms.Select(draws.Draw)];
            Assert.Equal(strategy.Value.Ints("drawn"), drawn);
            if (!strategy.Value.TryGetProperty("drawn_row", out _)) continue;
            Assert.Equal(strategy.Value.Ints("drawn_row"), drawn.Select(row => table.Rows[row].Scored.Prompt));
            Assert.Equal(strategy.Value.Booleans("drawn_is_worse_response"), drawn.Select(row => table.Rows[row].Scored.IsWorse));
        }
    }

    [GoldenTheory("losses/sampling.json")]
    [MemberData(nameof(Cases))]
    public void Powers_softmax_and_importance_weights_are_those_of_the_oracle(string name)
    {
        JsonElement one = Case("sampling.json", name);
        double[] advantages = one.Doubles("good_advantage"), priority = Priorities.Power(advantages);
        double[] weights = Priorities.ImportanceWeights(priority);
        foreach (JsonProperty other in one.GetProperty("expected").GetProperty("others").EnumerateObject())
        {
            double[] expected = other.Value.ValueKind == JsonValueKind.Array ? other.Value.Doubles() : [other.Value.GetDouble()];
            AssertClose(expected, other.Name switch
            {
                _ when other.Name.StartsWith("power alpha=", StringComparison.Ordinal) => Priorities.Power(advantages, Number(other.Name)),
                _ when other.Name.StartsWith("softmax tau=", StringComparison.Ordinal) => Priorities.Softmax(advantages, Number(other.Name)),
                _ when other.Name.StartsWith("importance weight", StringComparison.Ordinal) => weights,
                "the same over its maximum" => [.. weights.Select(w => w / weights.Max())],
                _ when other.Name.StartsWith("effective sample size", StringComparison.Ordinal) => [Priorities.EffectiveSampleSize(priority)],
                _ => throw new InvalidDataException($"'{other.Name}' is unknown."),
            }, other.Name);
        }
    }

    private static double Number(string name) => double.Parse(name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);

    // Worse answers are numbered from N on, as in the file.
    private static (AdvantageTable Table, SamplingStrategy Kind, double[] Credits) Setup(JsonElement one, string strategy)
    {
        double[] good = one.Doubles("good_advantage"), bad = one.Doubles("bad_advantage"), rewards = one.Doubles("good_reward");
        ScoredRow Row(double reward, int i, bool worse) => new($"{i}{worse}", "rows.jsonl", i + 1, i, reward) { IsWorse = worse };
        if (strategy == "good_priority of rewards")
            return (AdvantageTable.Create([.. rewards.Select((r, i) => Row(r, i, false))], new double[rewards.Length], Credit.Reward), SamplingStrategy.GoodPriority, rewards);

        SamplingStrategy kind = strategy switch
        {
            "good_priority" => SamplingStrategy.GoodPriority,
            "good_random" => SamplingStrategy.GoodRandom,
            "all_priority" => SamplingStrategy.AllPriority,
            _ => throw new InvalidDataException($"The strategy '{strategy}' is unknown."),
        };
        ScoredRow[] rows = [.. good.Select((a, i) => Row(a, i, false)), .. bad.Select((a, i) => Row(a, i, true))];     // V = 0: the reward is the advantage
        return (AdvantageTable.Create(rows, new double[rows.Length], Credit.Advantage), kind, kind == SamplingStrategy.AllPriority ? [.. good, .. bad] : good);
    }
}
