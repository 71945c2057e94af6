using System.Text.Json;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;

namespace Leftover.Tensors.Tests.Ops;

/// <summary>The fused head against double-precision PyTorch: log-probabilities and the gradients of both operands through simple losses.</summary>
[Trait("Category", "Golden")]
public sealed class FusedHeadGoldenTests
{
    private const string File = "losses/offline_logits.json";

    [GoldenFact(File)]
    public void Log_probs_and_gradients_agree_with_another_implementation()
    {
        using JsonDocument json = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(SharedData.Golden, File)));
        int cases = 0;
        foreach (JsonElement golden in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            if (!golden.TryGetProperty("hidden", out JsonElement hidden)) continue;
            cases++;
            foreach (HeadOptions options in new[] { HeadOptions.Default, new HeadOptions { KeepBytes = 0, BlockBytes = 0 } })
            {
                Check(golden, hidden, "nll", options);
                Check(golden, hidden, "wbc", options);
            }
        }
        Assert.True(cases > 0, $"{File} has no case with 'hidden'.");
    }

    // nll: mean over completions of −Σ ln p; wbc: the same times the reward.
    private static void Check(JsonElement golden, JsonElement hiddenJson, string variant, HeadOptions options)
    {
        float[][] hidden = Rows(hiddenJson), head = Rows(golden.GetProperty("head_weight"));
        int[] labels = [.. golden.GetProperty("labels").EnumerateArray().Select(x => x.GetInt32())], offsets = [.. golden.GetProperty("offsets").EnumerateArray().Select(x => x.GetInt32())];
        float[] reward = [.. golden.GetProperty("reward").EnumerateArray().Select(x => x.GetSingle())];
        JsonElement expected = golden.GetProperty("expected").GetProperty(variant);

        using var weights = new WeightSet();
        Weight h = weights.Root.Matrix("hidden", hidden.Length, hidden[0].Length), w = weights.Root.Matrix("head", head.Length, head[0].Length);
        weights.Allocate(trainable: true);
        hidden.SelectMany(row => row).ToArray().CopyTo(h.Tensor.Data);
        head.SelectMany(row => row).ToArray().CopyTo(w.Tensor.Data);
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        Tensor logProbs = Tensor.TokenLogProbs(h, w, null, labels, options);
        AssertClose([.. golden.GetProperty("logp").EnumerateArray().Select(x => x.GetDouble())], logProbs.Data);

        Tensor sums = logProbs.SumBySegment(offsets);
        Tensor loss = -(variant == "wbc" ? Tensor.Vector(reward) * sums : sums).Mean();
        AssertClose([expected.GetProperty("mean").GetDouble()], loss.Data);
        tape.Backward(loss);
        AssertClose([.. Rows(expected.GetProperty("grad_hidden")).SelectMany(row => row).Select(x => (double)x)], h.Tensor.Gradient);
        AssertClose([.. Rows(expected.GetProperty("grad_head_weight")).SelectMany(row => row).Select(x => (double)x)], w.Tensor.Gradient);
    }

    private static float[][] Rows(JsonElement matrix) => [.. matrix.EnumerateArray().Select(row => row.EnumerateArray().Select(x => x.GetSingle()).ToArray())];

    // The goldens' README: relative 2e-5 in float32; of the largest entry, since gradients cancel.
    private static void AssertClose(double[] expected, Span<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 2e-5 * largest);
    }
}
