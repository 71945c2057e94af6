using System.Text.Json;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;
using static Leftover.Tests.LossGolden;

namespace Leftover.Tests.Algorithms;

/// <summary>The A-LoL family through the fused head: from logits (the head is then the identity) and from hidden states and a head's weight.</summary>
[Trait("Category", "Golden")]
public class OfflineLogitsGoldenTests
{
    public static TheoryData<string> Cases => Names("offline_logits.json");

    [GoldenTheory("losses/offline_logits.json")]
    [MemberData(nameof(Cases))]
    public void Losses_and_gradients_are_those_of_the_oracle_whether_the_head_keeps_its_logits_or_computes_them_again(string name)
    {
        JsonElement one = Case("offline_logits.json", name), variants = Read("offline_logits.json").GetProperty("variants");
        var problems = new List<string>();
        foreach (JsonProperty expected in one.GetProperty("expected").EnumerateObject())
        {
            Algorithm algorithm = new OfflineVariant(variants.GetProperty(expected.Name)).Algorithm;
            foreach (HeadOptions options in new[] { HeadOptions.Default, new HeadOptions { KeepBytes = 0, BlockBytes = 0 } })
            {
                HeadRun run = HeadRun.Of(one, algorithm, options);
                Compare32($"{expected.Name} loss", expected.Value.Doubles("loss"), run.Losses, problems);
                Compare32($"{expected.Name} mean", [expected.Value.GetProperty("mean").GetDouble()], [run.Loss], problems);
                if (expected.Value.TryGetProperty("grad_logits", out JsonElement logits)) Compare32($"{expected.Name} grad_logits", logits.Flat(), run.HiddenGradient, problems);
                if (expected.Value.TryGetProperty("grad_hidden", out JsonElement hidden)) CompareNorm32($"{expected.Name} grad_hidden", hidden.Flat(), run.HiddenGradient, problems);
                if (expected.Value.TryGetProperty("grad_head_weight", out JsonElement head)) CompareNorm32($"{expected.Name} grad_head_weight", head.Flat(), run.HeadGradient, problems);
            }
        }
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    // Invariant 18 of the method's notes: a softmax cannot be moved along the constant vector.
    [GoldenTheory("losses/offline_logits.json")]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_each_positions_logits_sums_to_zero(string name)
    {
        JsonElement one = Case("offline_logits.json", name);
        if (!one.TryGetProperty("logits", out _)) return;            // the case of a real head has no gradient of logits
        foreach (Algorithm algorithm in AlgorithmRun.All)
        {
            float[] gradient = HeadRun.Of(one, algorithm, HeadOptions.Default).HiddenGradient;
            foreach (float[] position in gradient.Chunk(one.GetProperty("vocabulary").GetInt32()))
                Assert.True(Math.Abs(position.Sum(g => (double)g)) <= 1e-6 * position.Max(Math.Abs), $"{algorithm}: {position.Sum(g => (double)g)}");
        }
    }

    private sealed record HeadRun(float[] Losses, float Loss, float[] HiddenGradient, float[] HeadGradient)
    {
        public static HeadRun Of(JsonElement one, Algorithm algorithm, HeadOptions options)
        {
            int vocabulary = one.GetProperty("vocabulary").GetInt32();
            int[] labels = one.Ints("labels");
            bool fromLogits = one.TryGetProperty("logits", out JsonElement states);
            if (!fromLogits) states = one.GetProperty("hidden");
            double[] hidden = states.Flat(), head = fromLogits ? Identity(vocabulary) : one.GetProperty("head_weight").Flat();

            using var weights = new WeightSet();
            Weight hiddenWeight = weights.Root.Matrix("hidden", labels.Length, hidden.Length / labels.Length);
            Weight headWeight = weights.Root.Matrix("head", vocabulary, head.Length / vocabulary);
            weights.Allocate(trainable: true);
            Array.ConvertAll(hidden, x => (float)x).CopyTo(hiddenWeight.Tensor.Data);
            Array.ConvertAll(head, x => (float)x).CopyTo(headWeight.Tensor.Data);

            CompletionBatch batch = AlgorithmRun.Batch(one.Ints("offsets"), one.Floats("ref_logp"), one.Floats("reward"), one.Floats("advantage"));
            using var arena = new Arena();
            using Tape tape = arena.Begin();
            Tensor logProbs = Tensor.TokenLogProbs(hiddenWeight, headWeight, null, labels, options);
            float[] losses = algorithm.CompletionLosses(logProbs, batch).Data.ToArray();
            Tensor loss = algorithm.Loss(logProbs, batch);
            tape.Backward(loss);
            return new HeadRun(losses, loss.Item(), hiddenWeight.Tensor.Gradient.ToArray(), headWeight.Tensor.Gradient.ToArray());
        }

        private static double[] Identity(int n)
        {
            double[] matrix = new double[n * n];
            for (int i = 0; i < n; i++) matrix[i * n + i] = 1;
            return matrix;
        }
    }
}
