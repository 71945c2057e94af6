using System.Text.Json;
using Leftover.RewardModels;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;

namespace Leftover.Tests.RewardModels;

[Trait("Category", "Golden")]
public class RewardLossGoldenTests
{
    private const string File = "reward_model.json";

    public static TheoryData<string> Cases() => LossGolden.Names(File);

    [GoldenTheory("losses/reward_model.json"), MemberData(nameof(Cases))]
    public void Losses_and_gradients_are_those_of_the_reference(string name)
    {
        JsonElement golden = LossGolden.Case(File, name), variants = LossGolden.Read(File).GetProperty("variants");
        var problems = new List<string>();
        int checks = 0;
        foreach (JsonProperty expected in golden.GetProperty("expected").EnumerateObject())
        {
            using var weights = new WeightSet();
            Weight score = weights.Root.Matrix("score", golden.Doubles("score").Length, 1);
            weights.Allocate(trainable: true);
            golden.Floats("score").CopyTo(score.Tensor.Data);
            using var arena = new Arena();
            using Tape tape = arena.Begin();
            Tensor loss = Loss(score, golden, variants.GetProperty(expected.Name)), mean = loss.Mean();
            tape.Backward(mean);
            LossGolden.Compare32($"{expected.Name} loss", expected.Value.Doubles("loss"), loss.Data.ToArray(), problems);
            LossGolden.Compare32($"{expected.Name} mean", [expected.Value.GetProperty("mean").GetDouble()], [mean.Item()], problems);
            LossGolden.CompareNorm32($"{expected.Name} gradient", expected.Value.Doubles("grad_score"), score.Tensor.Gradient.ToArray(), problems);
            checks++;
        }
        Assert.True(checks > 0, "the case expects nothing");
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static Tensor Loss(Tensor scores, JsonElement golden, JsonElement variant)
    {
        float[] labels = golden.Floats("label");
        bool Is(string property) => variant.TryGetProperty(property, out JsonElement on) && on.GetBoolean();
        return variant.GetProperty("type").GetString() switch
        {
            "bradley_terry" => RewardLosses.BradleyTerry(scores, Is("margin") ? golden.Floats("margin") : [], variant.TryGetProperty("center", out JsonElement center) ? center.GetSingle() : 0),
            "bce" => RewardLosses.BinaryCrossEntropy(scores.Column(0), labels),
            "mse" => RewardLosses.SquaredError(Is("sigmoid") ? scores.Column(0).Sigmoid() : scores.Column(0), labels),
            var other => throw new InvalidDataException($"{File}: the variant '{other}' has no check here; add one."),
        };
    }
}
