using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Models;

[Trait("Category", "Golden")]
public class LayoutGoldenTests
{
    public static TheoryData<string> Cases() => GoldenModels.Built("layouts");

    [GoldenTheory("models/layouts"), MemberData(nameof(Cases))]
    public void Shards_half_precision_and_bare_names_give_the_numbers_of_the_base_case(string name)
    {
        string golden = GoldenModels.PathOf(name);
        if (GoldenModels.Json(Path.Combine(golden, "golden.json"))["golden"]?.GetValue<string>() is { } other)
            golden = Path.GetDirectoryName(Path.GetFullPath(Path.Combine(golden, other)))!;
        CausalGoldenTests.CheckLossAndGradients(GoldenModels.PathOf(name), golden);
        CheckLogProbs(GoldenModels.PathOf(name), golden);
    }

    private static void CheckLogProbs(string modelFolder, string goldenFolder)
    {
        using var golden = new GoldenCase(goldenFolder);
        using LanguageModel model = LanguageModel.Load(modelFolder);
        using var arena = new Arena();
        int[][] sequences = golden.Sequences("input_ids");
        var packed = new PackedSequences(sequences, [.. sequences.Select(ids => ids.Length - 1)]);
        using Tape tape = arena.Begin(record: false);
        Span<float> logProbs = packed.TokenLogProbs(model).Data;
        for (int i = 0; i < sequences.Length; i++)
            Tolerance.Near(golden.Floats($"logprobs.{i}"), logProbs[packed.Offsets[i]..packed.Offsets[i + 1]], Tolerance.Values, $"logprobs.{i}");
    }
}
