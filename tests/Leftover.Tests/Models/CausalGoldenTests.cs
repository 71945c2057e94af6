using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Models;

[Trait("Category", "Golden")]
public class CausalGoldenTests
{
    /// <summary>Each built case, with each of its config layouts.</summary>
    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (string name in GoldenModels.Folders("causal").Where(name => !GoldenModels.NotBuilt.Contains(GoldenModels.FamilyOf(name))))
        {
            cases.Add(name, "config.json");
            if (File.Exists(Path.Combine(GoldenModels.PathOf(name), "config.v4.json"))) cases.Add(name, "config.v4.json");
        }
        return cases;
    }

    [GoldenFact("models/causal")]
    public void Every_golden_family_is_built_or_listed_as_not_built()
    {
        string[] families = [.. GoldenModels.Folders("causal").Select(GoldenModels.FamilyOf).Distinct()];
        string[] unknown = [.. families.Where(family => !LanguageModel.Families.Contains(family) && !GoldenModels.NotBuilt.Contains(family))];
        Assert.True(unknown.Length == 0, $"These golden families are neither built nor listed as not built: {string.Join(", ", unknown)}.");
        Assert.Empty(LanguageModel.Families.Intersect(GoldenModels.NotBuilt));
    }

    [GoldenFact("models/causal")]
    public void A_family_that_is_not_built_is_refused_by_name()
    {
        foreach (string name in GoldenModels.Folders("causal"))
        {
            string family = GoldenModels.FamilyOf(name);
            if (!GoldenModels.NotBuilt.Contains(family)) continue;
            DataException refused = Assert.Throws<DataException>(() => LanguageModel.Load(GoldenModels.PathOf(name)));
            Assert.Contains($"\"{family}\"", refused.Message, StringComparison.Ordinal);
            Assert.Contains("llama", refused.Message, StringComparison.Ordinal);
        }
    }

    [GoldenTheory("models/causal"), MemberData(nameof(Cases))]
    public void Logits_and_log_probabilities_are_those_of_hugging_face(string name, string config)
    {
        using var folder = new ConfigVariant(GoldenModels.PathOf(name), config);
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        using LanguageModel model = LanguageModel.Load(folder.Path);
        using var arena = new Arena();
        int[][] sequences = golden.Sequences("input_ids");
        var packed = new PackedSequences(sequences, [.. sequences.Select(ids => ids.Length - 1)]);
        using Tape tape = arena.Begin(record: false);
        Tensor logits = model.Logits(packed.Tokens, packed.Layout, [.. Enumerable.Range(0, packed.Tokens.Length)]);
        Tensor logProbs = packed.TokenLogProbs(model);
        for (int i = 0; i < sequences.Length; i++)
        {
            Segment segment = packed.Layout.Segments[i];
            int columns = model.Config.VocabularySize;
            Tolerance.Near(golden.Floats($"logits.{i}"), logits.Data.Slice(segment.Start * columns, segment.Length * columns), Tolerance.Values, $"logits.{i}");
            Tolerance.Near(golden.Floats($"logprobs.{i}"), logProbs.Data[packed.Offsets[i]..packed.Offsets[i + 1]], Tolerance.Values, $"logprobs.{i}");
        }
    }

    [GoldenTheory("models/causal"), MemberData(nameof(Cases))]
    public void The_residual_stream_is_that_of_hugging_face_after_each_block(string name, string config)
    {
        using var folder = new ConfigVariant(GoldenModels.PathOf(name), config);
        using var golden = new GoldenCase(GoldenModels.PathOf(name));
        using LanguageModel model = LanguageModel.Load(folder.Path);
        using var arena = new Arena();
        int[] ids = golden.Ids("input_ids.0");
        using Tape tape = arena.Begin(record: false);
        int stages = 0;
        model.Hidden(ids, PackedLayout.Single(ids.Length), (stage, x) =>
        {
            stages++;
            if (stage < model.Config.Layers) Tolerance.Near(golden.Floats($"hidden.0.{stage}"), x.Data, Tolerance.Values, $"hidden.0.{stage}");
        });
        Tensor last = model.FinalHidden(ids, PackedLayout.Single(ids.Length), [.. Enumerable.Range(0, ids.Length)]);
        Tolerance.Near(golden.Floats($"hidden.0.{model.Config.Layers}"), last.Data, Tolerance.Values, $"hidden.0.{model.Config.Layers}");
        Assert.Equal(model.Config.Layers + 1, stages);
        Assert.False(golden.Has($"hidden.0.{stages}"));
    }

    [GoldenTheory("models/causal"), MemberData(nameof(Cases))]
    public void Loss_and_all_gradients_are_those_of_hugging_face(string name, string config)
    {
        using var folder = new ConfigVariant(GoldenModels.PathOf(name), config);
        CheckLossAndGradients(folder.Path, GoldenModels.PathOf(name));
    }

    internal static void CheckLossAndGradients(string modelFolder, string goldenFolder)
    {
        using var golden = new GoldenCase(goldenFolder);
        using LanguageModel model = LanguageModel.Load(modelFolder, trainable: true);
        using var arena = new Arena();
        int[] lengths = [.. ((JsonArray)golden.Json["completion_lengths"]!).Select(length => length!.GetValue<int>())];
        var packed = new PackedSequences(golden.Sequences("input_ids"), lengths);
        using Tape tape = arena.Begin();
        Tensor nll = -packed.TokenLogProbs(model).SumBySegment(packed.Offsets);
        if (golden.Has("completion_nll"))
        {
            float[] expected = golden.Floats("completion_nll");
            for (int i = 0; i < expected.Length; i++) Tolerance.NearRelative(expected[i], nll.Data[i], Tolerance.RelativeLoss, $"completion_nll[{i}]");
        }
        Tensor loss = nll.Sum();
        Tolerance.NearRelative(golden.Scalar("loss"), loss.Item(), Tolerance.RelativeLoss, "loss");
        tape.Backward(loss);
        if (golden.Names.Any(tensor => tensor.StartsWith("grad.", StringComparison.Ordinal))) Tolerance.Gradients(golden, "grad.", model.Weights);
    }

    /// <summary>A model's folder, or a copy of it with another of its config files as config.json.</summary>
    private sealed class ConfigVariant : IDisposable
    {
        private readonly string? _copy;

        public ConfigVariant(string folder, string config)
        {
            Path = folder;
            if (config == "config.json") return;
            Path = _copy = Directory.CreateTempSubdirectory("leftover-config-").FullName;
            File.Copy(System.IO.Path.Combine(folder, config), System.IO.Path.Combine(_copy, "config.json"));
            File.Copy(System.IO.Path.Combine(folder, "model.safetensors"), System.IO.Path.Combine(_copy, "model.safetensors"));
        }

        public string Path { get; }

        public void Dispose()
        {
            if (_copy is not null) Directory.Delete(_copy, recursive: true);
        }
    }
}
