using System.Text.Json;
using Leftover.Tensors.Safetensors;
using Leftover.Tests.Golden;

namespace Leftover.Tensors.Tests.Golden;

/// <summary>Every file under safetensors/ of the goldens: read value by value, or refused.</summary>
[Trait("Category", "Golden")]
public class SafetensorsGoldenTests
{
    private const long SmallAllocation = 1 << 20;
    private static readonly string s_folder = Path.Combine(SharedData.Golden, "safetensors");

    public static TheoryData<string> Good => Cases("files.json", "files", "file");
    public static TheoryData<string> Malformed => Cases("malformed/expectations.json", "cases", "file");
    public static TheoryData<string> Sharded => Cases("sharded/expectations.json", "cases", "folder");

    [GoldenTheory("safetensors")]
    [MemberData(nameof(Good))]
    public void A_good_file_gives_the_reference_readers_metadata_shapes_bytes_and_values(string file)
    {
        JsonElement expected = Case("files.json", "files", "file", file);
        using SafetensorsFile actual = SafetensorsFile.Open(Path.Combine(s_folder, file));

        Dictionary<string, string> metadata = expected.GetProperty("metadata") is { ValueKind: JsonValueKind.Object } given
            ? given.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!) : [];
        Assert.Equal(metadata, actual.Metadata.ToDictionary());
        JsonElement tensors = expected.GetProperty("tensors");
        Assert.Equal(tensors.EnumerateObject().Select(tensor => tensor.Name).Order(), actual.Names.Order());
        foreach (JsonProperty tensor in tensors.EnumerateObject())
        {
            Assert.Equal(tensor.Value.GetProperty("dtype").GetString()!.Replace("_", ""), actual[tensor.Name].Type.ToString(), ignoreCase: true);
            Assert.Equal(tensor.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), actual.ShapeOf(tensor.Name));
            Assert.Equal(Convert.FromHexString(tensor.Value.GetProperty("hex").GetString()!), actual.ReadBytes(tensor.Name));
            float[] values = new float[actual[tensor.Name].Count];
            actual.Read(tensor.Name, values);
            GoldenNumbers.AssertSame(tensor.Value.GetProperty("values"), values);
        }
    }

    [GoldenTheory("safetensors")]
    [MemberData(nameof(Malformed))]
    public void A_malformed_file_is_refused_with_its_name_and_without_a_large_allocation(string file)
    {
        JsonElement expected = Case("malformed/expectations.json", "cases", "file", file);
        string path = Path.Combine(s_folder, "malformed", file);
        if (!expected.GetProperty("reference").GetProperty("accepts").GetBoolean())
        {
            AssertRefused(() => SafetensorsFile.Open(path), path);
            return;
        }
        // The reference reads it. Only where it takes the last of two entries of one name is an error better.
        if (Record.Exception(() => AssertReadable(path)) is { } error)
            Assert.Contains("occurs twice", Assert.IsType<InvalidDataException>(error).Message);
    }

    [GoldenTheory("safetensors")]
    [MemberData(nameof(Sharded))]
    public void A_sharded_folder_is_read_whole_or_refused(string folder)
    {
        JsonElement expected = Case("sharded/expectations.json", "cases", "folder", folder);
        string path = Path.Combine(s_folder, "sharded", folder);
        string expect = expected.GetProperty("expect").GetString()!;
        if (expect == "fail")
        {
            AssertRefused(() => SafetensorsFolder.Open(path), path);
            return;
        }
        Exception? error = Record.Exception(() =>
        {
            using SafetensorsFolder weights = SafetensorsFolder.Open(path);
            AssertValues(weights, expected.GetProperty("values"));
        });
        if (expect == "either" && error is InvalidDataException) return;
        Assert.Null(error);
    }

    [GoldenFact("safetensors")]
    public void Every_safetensors_file_of_the_folder_is_in_a_list()
    {
        Assert.Equal(Directory.GetFiles(s_folder, "*.safetensors").Select(file => Path.GetFileName(file)).Order(), Good.Cast<object[]>().Select(row => (string)row[0]).Order());
        Assert.Equal(Directory.GetFiles(Path.Combine(s_folder, "malformed"), "*.safetensors").Select(file => Path.GetFileName(file)).Order(), Malformed.Cast<object[]>().Select(row => (string)row[0]).Order());
        Assert.Equal(Directory.GetDirectories(Path.Combine(s_folder, "sharded")).Select(file => Path.GetFileName(file)).Order(), Sharded.Cast<object[]>().Select(row => (string)row[0]).Order());
    }

    private static void AssertValues(SafetensorsFolder weights, JsonElement tensors)
    {
        foreach (JsonProperty tensor in tensors.EnumerateObject())
        {
            float[] values = new float[weights[tensor.Name].Count];
            weights.Read(tensor.Name, values);
            GoldenNumbers.AssertSame(tensor.Value, values);
        }
    }

    private static void AssertReadable(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (TensorInfo tensor in file.Tensors) file.Read(tensor.Name, new float[tensor.Count]);
    }

    private static void AssertRefused(Func<IDisposable> open, string path)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataException>(open);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < SmallAllocation);
        Assert.Contains(path, error.Message);
    }

    private static TheoryData<string> Cases(string list, string array, string key)
    {
        var cases = new TheoryData<string>();
        string path = Path.Combine(s_folder, list);
        if (!File.Exists(path)) return cases;
        foreach (JsonElement entry in GoldenNumbers.Json(path).GetProperty(array).EnumerateArray())
            cases.Add(entry.GetProperty(key).GetString()!);
        return cases;
    }

    private static JsonElement Case(string list, string array, string key, string name) =>
        GoldenNumbers.Json(Path.Combine(s_folder, list)).GetProperty(array).EnumerateArray().First(entry => entry.GetProperty(key).GetString() == name);
}
