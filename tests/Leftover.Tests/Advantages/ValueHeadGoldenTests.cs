using System.Text.Json;
using Leftover.Advantages;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Safetensors;
using Leftover.Tests.Golden;
using static Leftover.Tests.LossGolden;

namespace Leftover.Tests.Advantages;

[Trait("Category", "Golden")]
public class ValueHeadGoldenTests
{
    private static readonly Dictionary<string, string> s_names = new()
    {
        ["query"] = "query",
        ["in_weight"] = "attention.in_proj_weight",
        ["in_bias"] = "attention.in_proj_bias",
        ["out_weight"] = "attention.out_proj.weight",
        ["out_bias"] = "attention.out_proj.bias",
        ["summary_weight"] = "output.weight",
        ["summary_bias"] = "output.bias",
    };

    public static TheoryData<string> Cases => Names("value_head.json");

    [GoldenTheory("losses/value_head.json")]
    [MemberData(nameof(Cases))]
    public void Values_error_and_all_gradients_are_those_of_the_oracle(string name)
    {
        JsonElement one = Case("value_head.json", name), expected = one.GetProperty("expected");
        using ValueHead head = Head(one);
        ValueHeadRun run = ValueHeadRun.Of(head, Flat(one, "states"), one.Ints("offsets"), one.Floats("target"));

        var problems = new List<string>();
        CompareNorm32("pooled", expected.GetProperty("pooled").Flat(), run.Pooled, problems);
        Compare32("value", expected.Doubles("value"), run.Values, problems);
        Compare32("mse", [expected.GetProperty("mse").GetDouble()], [run.Error], problems);
        foreach (JsonProperty gradient in expected.GetProperty("gradients").EnumerateObject())
            CompareNorm32(gradient.Name, Numbers(gradient.Value), head.Weights[s_names[gradient.Name]].Tensor.Gradient.ToArray(), problems);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [GoldenTheory("losses/value_head.json")]
    [MemberData(nameof(Cases))]
    public void Attending_to_left_pads_as_the_authors_code_does_would_change_the_values(string name)
    {
        JsonElement one = Case("value_head.json", name), expected = one.GetProperty("expected");
        using ValueHead head = Head(one);
        int[] offsets = one.Ints("offsets"), padded = new int[offsets.Length];
        float[] states = Flat(one, "states"), pad = one.Floats("pad_state");
        int width = head.Width, longest = offsets.Zip(offsets.Skip(1), (start, end) => end - start).Max();
        List<float> rows = [];
        for (int b = 0; b + 1 < offsets.Length; b++)
        {
            for (int i = offsets[b + 1] - offsets[b]; i < longest; i++) rows.AddRange(pad);
            rows.AddRange(states[(offsets[b] * width)..(offsets[b + 1] * width)]);
            padded[b + 1] = rows.Count / width;
        }
        var problems = new List<string>();
        Compare32("value with pads", expected.Doubles("value if left pads are attended (the authors' code)"), ValueHeadRun.Of(head, [.. rows], padded, new float[offsets.Length - 1]).Values, problems);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    public static TheoryData<string> Folders
    {
        get
        {
            string models = Path.Combine(SharedData.Golden, "models");
            return Directory.Exists(models) ? [.. Directory.GetDirectories(models, "valuehead*").Select(folder => Path.GetFileName(folder)).Order()] : [];
        }
    }

    [GoldenTheory("models/valuehead")]
    [MemberData(nameof(Folders))]
    public void A_head_of_pytorchs_attention_loads_and_agrees_with_it(string folder)
    {
        string path = Path.Combine(SharedData.Golden, "models", folder);
        JsonElement about = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "golden.json"))).RootElement;
        using SafetensorsFile model = SafetensorsFile.Open(Path.Combine(path, "model.safetensors")), golden = SafetensorsFile.Open(Path.Combine(path, "golden.safetensors"));
        int width = (int)model.ShapeOf("query")[0];
        using var head = new ValueHead(width, about.GetProperty("heads").GetInt32(), new ValueRange(0, about.GetProperty("max_value").GetDouble()), trainable: true);
        ValueHeadFile.Fill(head, model, model.Path);

        int[] lengths = about.Ints("lengths"), offsets = [0, .. lengths.Select((_, b) => lengths.Take(b + 1).Sum())];
        ValueHeadRun run = ValueHeadRun.Of(head, [.. lengths.SelectMany((_, b) => Read(golden, $"states.{b}"))], offsets, Read(golden, "targets"));

        // golden/models/README.md: 5e-5 absolute for outputs, 2e-6 relative for losses, by norm for gradients.
        AssertWithin(Read(golden, "pooled"), run.Pooled, 5e-5);
        AssertWithin(Read(golden, "values"), run.Values, 5e-5);
        double loss = about.GetProperty("loss").GetDouble();
        Assert.Equal(loss, run.Error, 2e-6 * loss);
        double all = Math.Sqrt(head.Weights.Weights.Sum(weight => Norm(Read(golden, "grad." + weight.Name))));
        foreach (Weight weight in head.Weights.Weights)
        {
            float[] expected = Read(golden, "grad." + weight.Name), actual = weight.Tensor.Gradient.ToArray();
            double error = Math.Sqrt(Norm([.. expected.Zip(actual, (e, a) => e - a)]));
            Assert.True(error <= 3e-5 * Math.Sqrt(Norm(expected)) + 1e-6 * all, $"{weight.Name}: off by {error:E2} of {Math.Sqrt(Norm(expected)):E2}.");
        }
        for (int b = 0; b < lengths.Length; b++)
            AssertWithin(Read(golden, $"attention.{b}"), [.. Enumerable.Range(0, head.Heads * lengths[b]).Select(i => run.Attention[(offsets[b] + i % lengths[b]) * head.Heads + i / lengths[b]])], 5e-5);
    }

    private static ValueHead Head(JsonElement one)
    {
        JsonElement parameters = one.GetProperty("parameters");
        var head = new ValueHead(parameters.Doubles("query").Length, one.GetProperty("heads").GetInt32(), new ValueRange(0, one.GetProperty("max_value").GetDouble()), trainable: true);
        foreach ((string golden, string name) in s_names) Array.ConvertAll(Numbers(parameters.GetProperty(golden)), x => (float)x).CopyTo(head.Weights[name].Tensor.Data);
        return head;
    }

    private static double[] Numbers(JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.Flat() : [value.GetDouble()];

    private static float[] Flat(JsonElement one, string property) => Array.ConvertAll(one.GetProperty(property).Flat(), x => (float)x);

    private static unsafe float[] Read(SafetensorsFile file, string name)
    {
        float[] numbers = new float[file.ShapeOf(name).Aggregate(1L, (a, b) => a * b)];
        fixed (float* first = numbers) file.Read(name, first);
        return numbers;
    }

    private static double Norm(float[] numbers) => numbers.Sum(x => (double)x * x);

    private static void AssertWithin(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }
}

/// <summary>What a head makes of packed states: values, attention, and the mean squared error with its gradients (in the head's weights).</summary>
internal sealed record ValueHeadRun(float[] Pooled, float[] Values, float[] Attention, float Error)
{
    public static ValueHeadRun Of(ValueHead head, float[] states, int[] offsets, float[] targets)
    {
        head.Weights.ClearGradients();
        using var arena = new Arena();
        using Tape tape = arena.Begin();
        Tensor packed = Tensor.Matrix(offsets[^1], head.Width, states);
        float[] pooled = head.Pool(packed, offsets).Data.ToArray();
        Tensor values = head.Forward(packed, offsets);
        Tensor difference = values - Tensor.Vector(targets), error = (difference * difference).Mean();
        float[] attention = head.Attention(packed, offsets);
        tape.Backward(error);
        return new ValueHeadRun(pooled, values.Data.ToArray(), attention, error.Item());
    }
}
