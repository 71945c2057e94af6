using System.Text.Json.Nodes;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Safetensors;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Models;

/// <summary>The golden cases of language models: which there are, and which of them are of families that are not built.</summary>
internal static class GoldenModels
{
    /// <summary>Families with goldens that are not built; each must be refused by name. Building one removes it here.</summary>
    public static readonly string[] NotBuilt =
    [
        "bloom", "cohere", "falcon", "gemma", "gemma2", "gemma3_text", "gpt_neo", "gpt_neox", "gptj", "granite", "mistral", "mpt",
        "olmo2", "opt", "phi", "phi3", "qwen2", "qwen3", "smollm3", "stablelm",
    ];

    public const string Root = "models";

    /// <summary>The case folders of a kind, <c>causal/gpt2</c>; none where the goldens are missing.</summary>
    public static IEnumerable<string> Folders(string kind)
    {
        string path = Path.Combine(SharedData.Golden, Root, kind);
        return Directory.Exists(path) ? Directory.EnumerateDirectories(path).Select(Path.GetFileName).Order(StringComparer.Ordinal).Select(name => $"{kind}/{name}") : [];
    }

    /// <summary>The cases of a kind whose family is built.</summary>
    public static TheoryData<string> Built(string kind) => new(Folders(kind).Where(name => !NotBuilt.Contains(FamilyOf(name))));

    public static string PathOf(string name) => Path.Combine(SharedData.Golden, Root, name);

    /// <summary>The folder of the model that a case is about: its own, or the one that its golden.json names.</summary>
    public static string ModelOf(string name)
    {
        string folder = PathOf(name);
        return File.Exists(Path.Combine(folder, "config.json")) ? folder : Path.GetFullPath(Path.Combine(folder, Json(Path.Combine(folder, "golden.json"))["model"]!.GetValue<string>()));
    }

    public static string FamilyOf(string name) => Json(Path.Combine(ModelOf(name), "config.json"))["model_type"]!.GetValue<string>();

    public static JsonObject Json(string path) => (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
}

/// <summary>One golden case: golden.json and golden.safetensors.</summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly SafetensorsFile _tensors;

    public GoldenCase(string folder)
    {
        Json = GoldenModels.Json(Path.Combine(folder, "golden.json"));
        _tensors = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
    }

    public JsonObject Json { get; }

    public IEnumerable<string> Names => _tensors.Names;

    public bool Has(string tensor) => _tensors.Contains(tensor);

    public int[] Ids(string tensor) => Array.ConvertAll(_tensors.ReadValues<long>(tensor), id => (int)id);

    public float[] Floats(string tensor) => _tensors.ReadValues<float>(tensor);

    public byte[] Bytes(string tensor) => _tensors.ReadBytes(tensor);

    public double Scalar(string tensor) => _tensors.ReadValues<double>(tensor)[0];

    /// <summary>The tensors <c>PREFIX.0</c>, <c>PREFIX.1</c>, … in order.</summary>
    public int[][] Sequences(string prefix) => [.. Enumerable.Range(0, int.MaxValue).Select(i => $"{prefix}.{i}").TakeWhile(Has).Select(Ids)];

    public void Dispose() => _tensors.Dispose();
}

/// <summary>The tolerances of golden/models/README.md, and the comparisons they are meant for.</summary>
internal static class Tolerance
{
    public const double Values = 5e-5;
    public const double RelativeLoss = 2e-6;

    public static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{what}[{i}] is {actual[i]}; the golden value is {expected[i]}, tolerance {tolerance}.");
    }

    public static void NearRelative(double expected, double actual, double tolerance, string what) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Abs(expected), $"{what} is {actual}; the golden value is {expected}, relative tolerance {tolerance}.");

    /// <summary>‖Δ‖ ≤ 3e-5·‖g‖ + 1e-6·(norm over all parameters), for each weight; the golden file has one gradient for each and no other.</summary>
    public static void Gradients(GoldenCase golden, string prefix, WeightSet weights)
    {
        weights.CompleteGradients();
        string[] names = [.. golden.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(names, weights.Weights.Select(weight => prefix + weight.Name).Order(StringComparer.Ordinal));
        double all = Math.Sqrt(names.Sum(name => golden.Floats(name).Sum(value => (double)value * value)));
        foreach (Weight weight in weights.Weights)
        {
            float[] expected = golden.Floats(prefix + weight.Name);
            double distance = Distance(expected, weight.Tensor.Gradient), norm = Norm(expected);
            Assert.True(distance <= 3e-5 * norm + 1e-6 * all, $"{prefix}{weight.Name} is {distance} away from the golden gradient of norm {norm}.");
        }
    }

    public static double Norm(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Assert.Equal(a.Length, b.Length);
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return Math.Sqrt(sum);
    }
}

/// <summary>Sequences end to end in one packed batch, and the rows that predict their last tokens.</summary>
internal sealed class PackedSequences
{
    public PackedSequences(int[][] sequences, int[] completionLengths)
    {
        var segments = new Segment[sequences.Length];
        List<int> rows = [], targets = [], offsets = [0];
        int at = 0;
        for (int i = 0; i < sequences.Length; i++)
        {
            segments[i] = new Segment(at, sequences[i].Length);
            for (int t = sequences[i].Length - completionLengths[i]; t < sequences[i].Length; t++)
            {
                rows.Add(at + t - 1);
                targets.Add(sequences[i][t]);
            }
            offsets.Add(rows.Count);
            at += sequences[i].Length;
        }
        (Tokens, Layout, Rows, Targets, Offsets) = ([.. sequences.SelectMany(ids => ids)], new PackedLayout(segments), [.. rows], [.. targets], [.. offsets]);
    }

    public int[] Tokens { get; }
    public PackedLayout Layout { get; }
    public int[] Rows { get; }
    public int[] Targets { get; }
    public int[] Offsets { get; }

    public Tensor TokenLogProbs(LanguageModel model) => model.TokenLogProbs(Tokens, Layout, Rows, Targets);
}
