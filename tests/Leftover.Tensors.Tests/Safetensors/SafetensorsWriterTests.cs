using System.Buffers.Binary;
using System.Text;
using Leftover.Tensors.Safetensors;
using Leftover.Tests.Golden;

namespace Leftover.Tensors.Tests.Safetensors;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> PublishedFiles
    {
        get
        {
            var files = new TheoryData<string>();
            string models = Path.Combine(SharedData.Golden, "models");
            if (!Directory.Exists(models)) return files;
            foreach (string file in Directory.GetFiles(models, "model*.safetensors", SearchOption.AllDirectories).Order())
                files.Add(Path.GetRelativePath(models, file));
            return files;
        }
    }

    [Fact]
    public void A_file_is_length_header_and_data_the_wide_types_first_and_then_the_names()
    {
        string path = _folder.PathOf("a.safetensors");
        SafetensorsWriter.Write(path,
        [
            TensorToWrite.From("b", [2], new float[] { 1, -2 }, ElementType.BF16),
            TensorToWrite.From("a", [], new float[] { 1.5f }, ElementType.F16),
            TensorToWrite.From("z", [1, 1], new float[] { 3 }),
            TensorToWrite.FromIntegers("ids", [1], new long[] { -1 }),
        ]);

        string json = """{"__metadata__":{"format":"pt"},"ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"z":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]},"a":{"dtype":"F16","shape":[],"data_offsets":[16,18]}}""";
        byte[] header = Encoding.UTF8.GetBytes(json.PadRight((json.Length + 7) / 8 * 8));
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        byte[] data = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x40, 0x40, 0x80, 0x3F, 0x00, 0xC0, 0x00, 0x3E];
        Assert.Equal([.. length, .. header, .. data], File.ReadAllBytes(path));
    }

    [GoldenTheory("models")]
    [Trait("Category", "Golden")]
    [MemberData(nameof(PublishedFiles))]
    public void A_file_of_the_reference_writer_read_and_written_again_is_the_same_bytes(string file)
    {
        string original = Path.Combine(SharedData.Golden, "models", file), copy = _folder.PathOf("copy.safetensors");
        using SafetensorsFile source = SafetensorsFile.Open(original);
        SafetensorsWriter.Write(copy, source.Tensors.Select(tensor => Reread(source, tensor)), source.Metadata);
        Assert.True(File.ReadAllBytes(original).AsSpan().SequenceEqual(File.ReadAllBytes(copy)));
    }

    [Fact]
    public void Tensors_and_metadata_come_back_as_they_were_given()
    {
        string path = _folder.PathOf("a.safetensors");
        string name = "odd \"name\" é你😀\n";
        float[] values = [.. Enumerable.Range(0, 200_003).Select(i => MathF.Sin(i))];
        Dictionary<string, string> metadata = new() { ["k\""] = "v\\\u0001é", ["empty"] = "" };
        SafetensorsWriter.Write(path, [TensorToWrite.From(name, [values.Length], values), TensorToWrite.From("none", [3, 0], ReadOnlyMemory<float>.Empty)], metadata);

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(metadata, file.Metadata.ToDictionary());
        Assert.Equal(values, file.ReadValues<float>(name));
        Assert.Equal([3, 0], file.ShapeOf("none"));
    }

    [Fact]
    public unsafe void Native_memory_is_written_like_managed()
    {
        float[] values = [.. Enumerable.Range(0, 70_001).Select(i => i / 7f)];
        SafetensorsWriter.Write(_folder.PathOf("managed"), [TensorToWrite.From("w", [values.Length], values, ElementType.BF16)]);
        fixed (float* start = values)
            SafetensorsWriter.Write(_folder.PathOf("native"), [TensorToWrite.From("w", [values.Length], start, ElementType.BF16)]);
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("managed")), File.ReadAllBytes(_folder.PathOf("native")));
    }

    [Fact]
    public void The_order_in_which_tensors_are_given_changes_no_byte()
    {
        TensorToWrite[] tensors = [.. Enumerable.Range(0, 20).Select(i => TensorToWrite.From($"t{i}", [1], new float[] { i }, i % 2 == 0 ? ElementType.F32 : ElementType.F16))];
        SafetensorsWriter.Write(_folder.PathOf("forward"), tensors);
        SafetensorsWriter.Write(_folder.PathOf("backward"), tensors.Reverse());
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("forward")), File.ReadAllBytes(_folder.PathOf("backward")));
    }

    [Fact]
    public void A_tensor_larger_than_the_disk_is_refused_and_the_old_file_stays()
    {
        string path = _folder.PathOf("a.safetensors");
        File.WriteAllText(path, "old");
        var error = Assert.Throws<IOException>(() => SafetensorsWriter.Write(path, [Nowhere("w", 1L << 58)]));
        Assert.Contains("1,152,921,504,606,847,", error.Message);       // 2^60 and the header
        Assert.Contains("bytes are needed", error.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_finite_value_that_float16_cannot_hold_is_named_instead_of_becoming_infinite()
    {
        string path = _folder.PathOf("a.safetensors");
        float[] values = new float[70_000];
        values[66_000] = -65520;
        var error = Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [TensorToWrite.From("w", [values.Length], values, ElementType.F16)]));
        Assert.Contains("'w': value 66000 is -65520", error.Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));

        values[66_000] = float.NegativeInfinity;                         // one that is infinite already stays so
        SafetensorsWriter.Write(path, [TensorToWrite.From("w", [values.Length], values, ElementType.F16)]);
    }

    [Fact]
    public void Mistakes_of_the_caller_are_argument_errors()
    {
        Assert.Throws<ShapeException>(() => TensorToWrite.From("w", [2, 3], new float[5]));
        Assert.Throws<ShapeException>(() => TensorToWrite.From("w", [1L << 40, 1L << 40], new float[5]));
        Assert.Throws<ArgumentException>(() => TensorToWrite.From("w", [1], new float[1], ElementType.I8));
        Assert.Throws<ArgumentException>(() => TensorToWrite.From("__metadata__", [1], new float[1]));
        var twice = Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder.PathOf("a"), [TensorToWrite.From("w", [1], new float[1]), TensorToWrite.FromIntegers("w", [1], new long[1])]));
        Assert.Contains("'w'", twice.Message);
    }

    private static unsafe TensorToWrite Nowhere(string name, long count) => TensorToWrite.From(name, [count], (float*)null);

    private static TensorToWrite Reread(SafetensorsFile source, TensorInfo tensor)
    {
        if (tensor.Type == ElementType.I64) return TensorToWrite.FromIntegers(tensor.Name, tensor.Shape, source.ReadValues<long>(tensor.Name));
        float[] values = new float[tensor.Count];
        source.Read(tensor.Name, values);
        return TensorToWrite.From(tensor.Name, tensor.Shape, values, tensor.Type);
    }
}
