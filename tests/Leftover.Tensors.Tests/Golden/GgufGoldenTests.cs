using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Leftover.Tensors.Gguf;
using Leftover.Tests.Golden;

namespace Leftover.Tensors.Tests.Golden;

/// <summary>Every file under gguf/ of the goldens: metadata, dequantised values and quantised bytes, or refused.</summary>
[Trait("Category", "Golden")]
public class GgufGoldenTests
{
    private const long SmallAllocation = 1 << 20;
    private static readonly string s_folder = Path.Combine(SharedData.Golden, "gguf");

    /// <summary>The one list of what the goldens hold and the reader does not: types that are refused by name.</summary>
    private static readonly string[] s_notBuilt = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4"];

    public static TheoryData<string> Good => Names("files.json", "files");
    public static TheoryData<string> Malformed => Names(Path.Combine("malformed", "expectations.json"), "cases");

    public static TheoryData<int, string, string> Quantizations
    {
        get
        {
            var cases = new TheoryData<int, string, string>();
            string path = Path.Combine(s_folder, "quantize.json");
            if (!File.Exists(path)) return cases;
            int index = 0;
            foreach (JsonElement entry in GoldenNumbers.Json(path).GetProperty("cases").EnumerateArray())
                cases.Add(index++, entry.GetProperty("type").GetString()!, entry.GetProperty("kind").GetString()!);
            return cases;
        }
    }

    [GoldenTheory("gguf")]
    [MemberData(nameof(Good))]
    public void A_good_file_gives_the_reference_readers_metadata(string name)
    {
        JsonElement expected = Case("files.json", "files", name);
        if (RefusedAsBigEndian(expected, name)) return;
        using GgufFile file = GgufFile.Open(Path.Combine(s_folder, name));

        Assert.Equal(expected.GetProperty("version").GetInt32(), file.Version);
        Assert.Equal(expected.GetProperty("alignment").GetInt32(), file.Alignment);
        Assert.Equal(expected.GetProperty("metadata").EnumerateArray().Select(entry => entry.GetProperty("key").GetString()), file.Metadata.Keys);
        foreach (JsonElement entry in expected.GetProperty("metadata").EnumerateArray())
            AssertValue(entry.GetProperty("type").GetString()!, entry.GetProperty("value"), file.Metadata[entry.GetProperty("key").GetString()!]);
    }

    [GoldenTheory("gguf")]
    [MemberData(nameof(Good))]
    public void A_good_file_gives_the_reference_readers_tensors(string name)
    {
        JsonElement expected = Case("files.json", "files", name);
        if (RefusedAsBigEndian(expected, name)) return;
        using GgufFile file = GgufFile.Open(Path.Combine(s_folder, name));
        byte[] allValues = File.Exists(file.Path + ".f32") ? File.ReadAllBytes(file.Path + ".f32") : [];

        Assert.Equal(expected.GetProperty("tensors").EnumerateArray().Select(tensor => tensor.GetProperty("name").GetString()), file.Names);
        foreach (JsonElement tensor in expected.GetProperty("tensors").EnumerateArray())
        {
            GgufTensorInfo info = file[tensor.GetProperty("name").GetString()!];
            Assert.Equal(tensor.GetProperty("type").GetString(), info.Type.ToString());
            Assert.Equal(tensor.GetProperty("type_id").GetInt32(), (int)info.Type);
            Assert.Equal(tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), info.Shape);
            Assert.Equal(tensor.GetProperty("bytes").GetInt64(), info.Bytes);
            Assert.Equal(tensor.GetProperty("raw_sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(file.ReadBytes(info.Name))));

            float[] values = new float[info.Count];
            if (s_notBuilt.Contains(info.Type.ToString()))
            {
                var error = Assert.Throws<InvalidDataException>(() => file.Read(info.Name, values));
                Assert.Contains(info.Name, error.Message);
                Assert.Contains(info.Type.ToString(), error.Message);
                continue;
            }
            file.Read(info.Name, values);
            if (tensor.TryGetProperty("ints", out JsonElement numbers) || tensor.TryGetProperty("doubles", out numbers))
                GoldenNumbers.AssertSame(numbers, values);
            else
                GoldenNumbers.AssertSame(Floats(allValues, tensor.GetProperty("f32_at").GetInt32(), tensor.GetProperty("f32_count").GetInt32()), values);
        }
    }

    [GoldenTheory("gguf")]
    [MemberData(nameof(Malformed))]
    public void A_malformed_file_is_refused_with_its_name_and_without_a_large_allocation(string name)
    {
        JsonElement expected = Case(Path.Combine("malformed", "expectations.json"), "cases", name);
        string path = Path.Combine(s_folder, "malformed", name);
        using var unpacked = new TemporaryFolder();
        if (name.EndsWith(".gz", StringComparison.Ordinal))
        {
            string target = unpacked.PathOf(Path.GetFileNameWithoutExtension(name));
            File.WriteAllBytes(target, Gunzip(path));
            path = target;
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = Record.Exception(() => GgufFile.Open(path).Dispose());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < SmallAllocation);
        if (expected.GetProperty("expect").GetString() == "fail") Assert.NotNull(error);
        if (error is null) return;
        Assert.IsType<InvalidDataException>(error);
        Assert.Contains(path, error.Message);
    }

    [GoldenTheory("gguf")]
    [MemberData(nameof(Quantizations))]
    public void Quantising_and_dequantising_give_the_reference_codes_bytes_and_values(int index, string type, string kind)
    {
        JsonElement root = GoldenNumbers.Json(Path.Combine(s_folder, "quantize.json"));
        JsonElement expected = root.GetProperty("cases")[index];
        int count = expected.GetProperty("shape").EnumerateArray().Aggregate(1, (product, size) => product * size.GetInt32());
        byte[] result = Gunzip(Path.Combine(s_folder, root.GetProperty("result").GetString()!));
        byte[] bytes = result[expected.GetProperty("bytes_at").GetInt32()..][..expected.GetProperty("bytes").GetInt32()];

        GgmlCoding coding = GgmlCoding.Of(Enum.Parse<GgmlType>(type))!;
        Assert.Equal(count / coding.BlockValues * coding.BlockBytes, bytes.Length);
        if (s_notBuilt.Contains(type))
        {
            Assert.Null(coding.Decode);
            return;
        }
        float[] back = new float[count];
        coding.Decode!(bytes, back);
        GoldenNumbers.AssertSame(Floats(result, expected.GetProperty("back_at").GetInt32(), count), back);

        if (kind == "dequantize_only") return;
        byte[] sources = File.ReadAllBytes(Path.Combine(s_folder, root.GetProperty("source").GetString()!));
        byte[] quantized = new byte[bytes.Length];
        coding.Encode!(Floats(sources, expected.GetProperty("source_at").GetInt32(), count), quantized);
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(quantized));
    }

    [GoldenFact("gguf")]
    public void Every_gguf_file_of_the_folder_is_in_a_list()
    {
        string[] vocabularies = [.. GoldenNumbers.Json(Path.Combine(s_folder, "vocab_files.json")).GetProperty("files").EnumerateArray().Select(file => file.GetProperty("file").GetString()!)];
        Assert.Equal(Directory.GetFiles(s_folder, "*.gguf").Select(file => Path.GetFileName(file)).Order(), Good.Cast<object[]>().Select(row => (string)row[0]).Concat(vocabularies).Distinct().Order());
        Assert.Equal(Directory.GetFiles(Path.Combine(s_folder, "malformed"), "*.gguf*").Select(file => Path.GetFileName(file)).Order(), Malformed.Cast<object[]>().Select(row => (string)row[0]).Order());
        foreach (string vocabulary in vocabularies)
        {
            using GgufFile file = GgufFile.Open(Path.Combine(s_folder, vocabulary));
            Assert.NotEmpty((string[])file.Metadata["tokenizer.ggml.tokens"]);
        }
    }

    private static bool RefusedAsBigEndian(JsonElement expected, string name)
    {
        if (!expected.GetProperty("big_endian").GetBoolean()) return false;
        var error = Assert.Throws<InvalidDataException>(() => GgufFile.Open(Path.Combine(s_folder, name)));
        Assert.Contains("big-endian", error.Message);
        return true;
    }

    private static void AssertValue(string type, JsonElement expected, object actual)
    {
        switch (type)
        {
            case "STRING": Assert.Equal(expected.GetString(), Assert.IsType<string>(actual)); break;
            case "BOOL": Assert.Equal(expected.GetBoolean(), Assert.IsType<bool>(actual)); break;
            case "UINT8": Assert.Equal(expected.GetByte(), Assert.IsType<byte>(actual)); break;
            case "INT8": Assert.Equal(expected.GetSByte(), Assert.IsType<sbyte>(actual)); break;
            case "UINT16": Assert.Equal(expected.GetUInt16(), Assert.IsType<ushort>(actual)); break;
            case "INT16": Assert.Equal(expected.GetInt16(), Assert.IsType<short>(actual)); break;
            case "UINT32": Assert.Equal(expected.GetUInt32(), Assert.IsType<uint>(actual)); break;
            case "INT32": Assert.Equal(expected.GetInt32(), Assert.IsType<int>(actual)); break;
            case "UINT64": Assert.Equal(expected.GetUInt64(), Assert.IsType<ulong>(actual)); break;
            case "INT64": Assert.Equal(expected.GetInt64(), Assert.IsType<long>(actual)); break;
            case "FLOAT32": GoldenNumbers.AssertSame([GoldenNumbers.Single(expected)], [Assert.IsType<float>(actual)]); break;
            case "FLOAT64": Assert.Equal(expected.GetDouble(), Assert.IsType<double>(actual)); break;
            case "ARRAY": AssertArray(expected.GetProperty("element_type").GetString()!, [.. expected.GetProperty("items").EnumerateArray()], (Array)actual); break;
            default: Assert.Fail($"The test knows no metadata type {type}."); break;
        }
    }

    private static void AssertArray(string elementType, JsonElement[] expected, Array actual)
    {
        Type needed = elementType switch
        {
            "STRING" => typeof(string),
            "BOOL" => typeof(bool),
            "UINT8" => typeof(byte),
            "INT8" => typeof(sbyte),
            "UINT16" => typeof(ushort),
            "INT16" => typeof(short),
            "UINT32" => typeof(uint),
            "INT32" => typeof(int),
            "UINT64" => typeof(ulong),
            "INT64" => typeof(long),
            "FLOAT32" => typeof(float),
            "FLOAT64" => typeof(double),
            _ => typeof(object),
        };
        Assert.Equal(needed, actual.GetType().GetElementType());
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) AssertValue(elementType, expected[i], actual.GetValue(i)!);
    }

    private static float[] Floats(byte[] bytes, int at, int count) => MemoryMarshal.Cast<byte, float>(bytes.AsSpan(at, count * 4)).ToArray();

    private static byte[] Gunzip(string path)
    {
        using var zipped = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        zipped.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static TheoryData<string> Names(string list, string array)
    {
        var names = new TheoryData<string>();
        string path = Path.Combine(s_folder, list);
        if (!File.Exists(path)) return names;
        foreach (JsonElement entry in GoldenNumbers.Json(path).GetProperty(array).EnumerateArray())
            names.Add(entry.GetProperty("file").GetString()!);
        return names;
    }

    private static JsonElement Case(string list, string array, string name) =>
        GoldenNumbers.Json(Path.Combine(s_folder, list)).GetProperty(array).EnumerateArray().First(entry => entry.GetProperty("file").GetString() == name);
}
