using System.Text.Json;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Tests.Golden;
using static Leftover.Tests.LossGolden;

namespace Leftover.Tests.Algorithms;

/// <summary>The A-LoL family from token log-probabilities, against autograd in double precision.</summary>
/// <remarks>
/// Two steps. A formula in double that shares no code with the library must give the golden numbers to 1e-9. The library must give, to 2e-5, what
/// the formula gives for the same inputs rounded to single precision (two long sums may cancel, and what is then left is the inputs' rounding),
/// with two limits of that precision: a weight without clipping ends at e^80, and what is below 1.2e-38, the smallest normal number, may be 0.
/// </remarks>
[Trait("Category", "Golden")]
public class OfflineGoldenTests
{
    public static TheoryData<string> Cases => Names("offline.json");

    [GoldenTheory("losses/offline.json")]
    [MemberData(nameof(Cases))]
    public void Losses_and_gradients_are_those_of_the_oracle(string name)
    {
        JsonElement one = Case("offline.json", name), variants = Read("offline.json").GetProperty("variants");
        int[] offsets = one.Ints("offsets");
        double[] logProbs = one.Doubles("logp"), reference = one.Doubles("ref_logp"), rewards = one.Doubles("reward"), advantages = one.Doubles("advantage");
        CompletionBatch batch = AlgorithmRun.Batch(offsets, one.Floats("ref_logp"), one.Floats("reward"), one.Floats("advantage"));
        var problems = new List<string>();
        foreach (JsonProperty expected in one.GetProperty("expected").EnumerateObject())
        {
            var variant = new OfflineVariant(variants.GetProperty(expected.Name));
            double[] losses = expected.Value.Doubles("loss"), gradient = expected.Value.Doubles("grad_logp");
            (double[] formulaLosses, double[] formulaGradient) = variant.Oracle(logProbs, reference, offsets, rewards, advantages, double.PositiveInfinity);
            AssertClose(losses, formulaLosses, $"{expected.Name}: the formula's loss");
            AssertClose(gradient, formulaGradient, $"{expected.Name}: the formula's gradient");
            AssertClose([expected.Value.GetProperty("mean").GetDouble()], [formulaLosses.Average()], $"{expected.Name}: the formula's mean");

            (losses, gradient) = variant.Oracle(Rounded(logProbs), Rounded(reference), offsets, rewards, advantages, ImportanceWeight.LargestLogRatio);
            AlgorithmRun run = AlgorithmRun.Of(variant.Algorithm, [.. logProbs.Select(x => (float)x)], batch);
            Compare32($"{expected.Name} loss", losses, run.Losses, problems);
            Compare32($"{expected.Name} mean", [losses.Average()], [run.Loss], problems);
            Compare32($"{expected.Name} gradient", gradient, run.Gradient, problems);
        }
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static double[] Rounded(double[] numbers) => [.. numbers.Select(x => (double)(float)x)];
}
