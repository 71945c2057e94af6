using System.Text.Json;
using Leftover.Advantages;
using Leftover.Tests.Golden;
using static Leftover.Tests.LossGolden;

namespace Leftover.Tests.Advantages;

public class ValueBaselinesTests
{
    public static TheoryData<string> Cases => Names("value_baselines.json");

    [GoldenTheory("losses/value_baselines.json")]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Cases))]
    public void Baselines_and_advantages_are_those_of_the_oracle(string name)
    {
        JsonElement one = Case("value_baselines.json", name), expected = one.GetProperty("expected");
        int[] prompts = one.Ints("prompt"), decodePrompts = one.Ints("decode_prompt");
        double[] rewards = one.Doubles("reward"), decodes = one.Doubles("decode_reward");
        double mean = decodes.Average();

        foreach (JsonProperty baseline in expected.EnumerateObject())
        {
            double[] values = baseline.Name switch
            {
                "mean of own decodes" => ValueBaselines.MeanOfDecodes(prompts, decodePrompts, decodes),
                "constant (mean of all decodes)" => ValueBaselines.Constant(prompts.Length, mean),
                "mean of logged rewards of the prompt" => ValueBaselines.MeanOfLogged(prompts, rewards),
                "leave-one-out of logged rewards (alone: all decodes)" => ValueBaselines.LeaveOneOut(prompts, rewards, mean),
                _ => throw new InvalidDataException($"The baseline '{baseline.Name}' is unknown."),
            };
            AdvantageTable table = AdvantageTable.Create(Rows(prompts, rewards), values, Credit.Advantage);
            double[] advantages = [.. table.Rows.Select(row => row.Advantage)];
            if (baseline.Value.ValueKind == JsonValueKind.Array)
            {
                AssertClose(baseline.Value.Doubles(), advantages, baseline.Name);
                continue;
            }
            JsonElement value = baseline.Value.GetProperty("value");
            AssertClose(value.ValueKind == JsonValueKind.Array ? value.Doubles() : ValueBaselines.Constant(prompts.Length, value.GetDouble()), values, baseline.Name);
            AssertClose(baseline.Value.Doubles("advantage"), advantages, baseline.Name);
            Assert.Equal(baseline.Value.Booleans("kept"), table.Rows.Select(row => row.Kept));
            if (baseline.Value.TryGetProperty("kept_fraction", out JsonElement kept)) Assert.Equal(kept.GetDouble(), (double)table.Summary.Kept / table.Summary.Rows, 12);
        }
    }

    [Fact]
    public void A_row_alone_is_valued_by_all_other_rows_where_nothing_else_is_given() =>
        // Prompt 0 has rewards 1 and 2, prompt 1 has reward 6 alone.
        Assert.Equal([2, 1, 1.5], ValueBaselines.LeaveOneOut([0, 0, 1], [1, 2, 6]));

    [Fact]
    public void One_row_has_nothing_to_leave_out() =>
        Assert.Contains("leave_one_out", Assert.Throws<ArgumentException>(() => ValueBaselines.LeaveOneOut([0], [1])).Message);

    private static ScoredRow[] Rows(int[] prompts, double[] rewards) =>
        [.. rewards.Select((reward, i) => new ScoredRow($"row {i}", "rows.jsonl", i + 1, prompts[i], reward))];
}
