using System.Buffers.Binary;
using System.Text;
using Leftover.Tensors.Safetensors;

namespace Leftover.Tensors.Tests.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_truncation_and_every_changed_byte_is_read_or_refused_and_never_crashes()
    {
        string path = _folder.PathOf("a.safetensors");
        SafetensorsWriter.Write(path,
        [
            TensorToWrite.From("layer.weight", [3, 5], new float[15]),
            TensorToWrite.From("layer.bias", [5], new float[5], ElementType.BF16),
            TensorToWrite.FromIntegers("ids", [2], new long[2]),
        ]);
        byte[] whole = File.ReadAllBytes(path);
        var random = new RandomStream(7, "changes");

        for (int length = 0; length < whole.Length; length++)
            Assert.IsType<InvalidDataException>(OpenAndRead(whole.AsSpan(0, length)));
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= (byte)(1 + random.Next(255));
            if (OpenAndRead(changed) is { } error) Assert.IsType<InvalidDataException>(error);
        }
    }

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}""", "'shape' holds something other than an integer")]
    [InlineData("""{"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", "'shape' holds something other than an integer")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}""", "'shape' holds something other than an integer")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "'data_offsets' has 3 numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""", "'shape' occurs twice")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "F32 [3] takes 12 bytes, and 'data_offsets' gives it 8")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}""", "its data ends at byte 9223372036854775807")]
    [InlineData("""{"w":{"dtype":"F4","shape":[3],"data_offsets":[0,8]}}""", "F4 [3] takes 2 bytes")]
    [InlineData("""{"w":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}} x""", "not the JSON it should be")]
    [InlineData("""{"\ud800":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "a string that is no text")]
    [InlineData("""{"__metadata__":[],"w":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "'__metadata__' must be an object")]
    [InlineData("""{"w":7}""", "its entry must be an object")]
    public void A_broken_header_is_told_with_the_tensor_and_what_is_wrong(string header, string message)
    {
        string path = WriteRaw(header, new byte[8]);
        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
        Assert.Contains(path, error.Message);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("""{"__metadata__":null,"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":{"deep":[1,{"x":null}]}}}""")]
    [InlineData("""{"w":{"data_offsets":[0,8],"shape":[2],"dtype":"F32"}}""")]
    [InlineData("""{"e":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"f":{"dtype":"U8","shape":[4,0],"data_offsets":[0,0]}}""")]
    public void What_the_format_allows_is_read(string header)
    {
        using SafetensorsFile file = SafetensorsFile.Open(WriteRaw(header, [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]));
        float[] values = new float[2];
        file.Read("w", values);
        Assert.Equal([1, 2], values);
    }

    [Fact]
    public void A_type_that_is_known_but_not_read_is_refused_by_name_only_when_it_is_asked_for()
    {
        using SafetensorsFile file = SafetensorsFile.Open(WriteRaw("""{"c":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]));
        var error = Assert.Throws<InvalidDataException>(() => file.Read("c", new float[1]));
        Assert.Contains("tensor 'c' is stored as C64", error.Message);
    }

    [Fact]
    public void A_missing_tensor_is_told_with_names_that_end_alike()
    {
        using SafetensorsFile file = SafetensorsFile.Open(WriteRaw("""{"transformer.h.0.ln.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]));
        var error = Assert.Throws<InvalidDataException>(() => file.ShapeOf("h.0.ln.weight"));
        Assert.Contains("no tensor 'h.0.ln.weight'", error.Message);
        Assert.Contains("'transformer.h.0.ln.weight'", error.Message);
    }

    [Fact]
    public void A_destination_of_another_length_is_an_argument_error()
    {
        using SafetensorsFile file = SafetensorsFile.Open(WriteRaw("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]));
        Assert.Throws<ArgumentException>(() => file.Read("w", new float[3]));
        Assert.Throws<ArgumentException>(() => file.ReadValues<long>("w"));
    }

    [Fact]
    public void A_file_that_is_cut_while_it_is_open_gives_an_error_and_no_fault()
    {
        string path = _folder.PathOf("cut.safetensors");
        SafetensorsWriter.Write(path, [TensorToWrite.From("w", [1000], new float[1000])]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)) stream.SetLength(500);
        var error = Assert.Throws<InvalidDataException>(() => file.Read("w", new float[1000]));
        Assert.Contains("the file ends at byte 500", error.Message);
    }

    [Theory]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.F32)]
    public void A_tensor_of_many_pieces_is_read_whole_and_in_order(ElementType type)
    {
        float[] values = [.. Enumerable.Range(0, 1_100_003).Select(i => (float)(i % 251))];     // exact in all three
        string path = _folder.PathOf("large.safetensors");
        SafetensorsWriter.Write(path, [TensorToWrite.From("w", [values.Length], values, type)]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        float[] read = new float[values.Length];
        file.Read("w", read);
        Assert.True(values.AsSpan().SequenceEqual(read));
    }

    private Exception? OpenAndRead(ReadOnlySpan<byte> bytes)
    {
        string path = _folder.PathOf("changed.safetensors");
        File.WriteAllBytes(path, bytes);
        return Record.Exception(() =>
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (TensorInfo tensor in file.Tensors) file.Read(tensor.Name, new float[tensor.Count]);
        });
    }

    private string WriteRaw(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        string path = _folder.PathOf("raw.safetensors");
        File.WriteAllBytes(path, [.. length, .. json, .. data]);
        return path;
    }
}
