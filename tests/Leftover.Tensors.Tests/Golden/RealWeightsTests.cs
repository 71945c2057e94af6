using System.Runtime.InteropServices;
using System.Text.Json;
using Leftover.Tensors.Files;
using Leftover.Tensors.Gguf;
using Leftover.Tensors.Safetensors;
using Leftover.Tests.Golden;

namespace Leftover.Tensors.Tests.Golden;

/// <summary>Published weights: SmolLM2's quantised file against another implementation's values, and one model in its several layouts.</summary>
[Trait("Category", "Golden")]
public class RealWeightsTests
{
    private static readonly string s_smolLm = SharedData.PathOf("models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");
    private static readonly string s_smolLmGolden = Path.Combine(SharedData.Golden, "models", "smollm2_135m_instruct");

    public static TheoryData<string> Layouts
    {
        get
        {
            var layouts = new TheoryData<string>();
            string folder = Path.Combine(SharedData.Golden, "models", "layouts");
            if (!Directory.Exists(folder)) return layouts;
            foreach (string layout in Directory.GetDirectories(folder).Order()) layouts.Add(Path.GetFileName(layout));
            return layouts;
        }
    }

    [SmolLmFact]
    public void The_first_values_and_rows_of_smollm2_are_the_golden_ones()
    {
        using GgufFile file = GgufFile.Open(s_smolLm);
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(s_smolLmGolden, "golden.safetensors"));
        foreach (TensorInfo expected in golden.Tensors.Where(tensor => tensor.Name.StartsWith("dequantised", StringComparison.Ordinal)))
        {
            string name = expected.Name[(expected.Name.IndexOf('.') + 1)..];
            float[] values = new float[file[name].Count], first = golden.ReadValues<float>(expected.Name);
            file.Read(name, values);
            if (expected.Shape is [long rows, long columns])
            {
                int[] rowsShown = [.. expected.Name.Split('.')[0].Split('_').Where(part => int.TryParse(part, out _)).Select(int.Parse)];
                Assert.Equal(rows, rowsShown.Length);
                int width = (int)file.ShapeOf(name)[^1];
                values = [.. rowsShown.SelectMany(row => values[(row * width)..(row * width + (int)columns)])];
            }
            GoldenNumbers.AssertSame(first, values.AsSpan(0, first.Length));
        }
    }

    [SmolLmFact]
    [Trait("Category", "Slow")]
    public unsafe void All_272_tensors_of_smollm2_have_the_golden_sums_and_norms()
    {
        using GgufFile file = GgufFile.Open(s_smolLm);
        JsonElement sums = GoldenNumbers.Json(Path.Combine(s_smolLmGolden, "golden.json")).GetProperty("dequantisation").GetProperty("sums");
        Assert.Equal(sums.EnumerateObject().Select(tensor => tensor.Name), file.Names);
        foreach (JsonProperty expected in sums.EnumerateObject())
        {
            GgufTensorInfo info = file[expected.Name];
            Assert.Equal(expected.Value[0].GetString(), info.Type.ToString());
            float* values = (float*)NativeMemory.Alloc((nuint)info.Count, sizeof(float));
            try
            {
                file.Read(expected.Name, values);
                double sum = 0, squares = 0;
                for (long i = 0; i < info.Count; i++)
                {
                    sum += values[i];
                    squares += (double)values[i] * values[i];
                }
                Assert.Equal(expected.Value[1].GetDouble(), sum, 1e-6);                 // the file has six decimals
                Assert.Equal(expected.Value[2].GetDouble(), Math.Sqrt(squares), 1e-6);
            }
            finally
            {
                NativeMemory.Free(values);
            }
        }
    }

    [SmolLmFact]
    [Trait("Category", "Slow")]
    public void A_cut_copy_of_smollm2_is_refused_wherever_it_is_cut()
    {
        using var folder = new TemporaryFolder();
        string copy = folder.PathOf("cut.gguf");
        using var stream = new FileStream(copy, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        using (FileStream original = File.OpenRead(s_smolLm)) original.CopyTo(stream);
        var random = new RandomStream(11, "cuts");
        // From the end backwards, so that the rest of the copy is still there: half of them within the first 4 MB, where the metadata is.
        long whole = stream.Length;
        long[] cuts = [whole - 1, .. Enumerable.Range(0, 100).Select(i => (long)(random.NextDouble() * (i % 2 == 0 ? whole : 4_000_000))), 25, 24, 23, 8, 4, 1, 0];
        foreach (long cut in cuts.OrderDescending())
        {
            stream.SetLength(cut);
            stream.Flush();
            Assert.Contains(copy, Assert.Throws<InvalidDataException>(() => GgufFile.Open(copy)).Message);
        }
    }

    [GoldenTheory("models/layouts")]
    [MemberData(nameof(Layouts))]
    public void A_layout_holds_the_weights_of_its_base_case_rounded_to_its_type(string layout)
    {
        string models = Path.Combine(SharedData.Golden, "models");
        using SafetensorsFolder actual = SafetensorsFolder.Open(Path.Combine(models, "layouts", layout));
        using SafetensorsFolder original = SafetensorsFolder.Open(Path.Combine(models, "causal", layout.Split('_')[0]));
        foreach (string name in original.Names)
        {
            string there = actual.Contains(name) ? name : name[(name.IndexOf('.') + 1)..];       // without "transformer."
            Assert.Equal(original.ShapeOf(name), actual.ShapeOf(there));
            float[] expected = new float[original[name].Count], values = new float[expected.Length];
            original.Read(name, expected);
            actual.Read(there, values);
            GoldenNumbers.AssertSame([.. expected.Select(value => Round(value, actual[there].Type))], values);
        }
    }

    private static float Round(float value, ElementType type)
    {
        if (type == ElementType.F16) return (float)(Half)value;
        if (type == ElementType.F32) return value;
        Assert.Equal(ElementType.BF16, type);
        byte[] stored = new byte[2];
        float[] rounded = new float[1];
        Narrowing.BF16([value], stored);
        Widening.BF16(stored, rounded);
        return rounded[0];
    }

    private sealed class SmolLmFactAttribute : FactAttribute
    {
        public SmolLmFactAttribute() => Skip = (SharedData.SkipReason(s_smolLmGolden) ?? SharedData.SkipReason(s_smolLm))!;
    }
}
