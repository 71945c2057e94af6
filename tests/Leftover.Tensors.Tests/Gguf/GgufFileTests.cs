using Leftover.Tensors.Gguf;

namespace Leftover.Tensors.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sizes_come_out_slowest_first_and_values_row_by_row()
    {
        // In the file [3, 2]: two rows of three.
        float[] values = [1, 2, 3, 4, 5, 6];
        using GgufFile file = Open(new GgufBytes().Tensor("w", GgmlType.F32, [3, 2], [.. values.SelectMany(BitConverter.GetBytes)]));
        Assert.Equal([2, 3], file.ShapeOf("w"));
        float[] read = new float[6];
        file.Read("w", read);
        Assert.Equal(values, read);
    }

    [Fact]
    public void A_tensor_without_dimensions_is_one_number_and_one_of_size_0_is_none()
    {
        using GgufFile file = Open(new GgufBytes().Tensor("one", GgmlType.F32, [], BitConverter.GetBytes(2.5f)).Tensor("none", GgmlType.Q8_0, [32, 0], []));
        Assert.Equal(1, file["one"].Count);
        Assert.Equal(0, file["none"].Count);
        float[] value = new float[1];
        file.Read("one", value);
        Assert.Equal(2.5f, value[0]);
        file.Read("none", []);
    }

    [Fact]
    public void Every_truncation_and_every_changed_byte_is_read_or_refused_and_never_crashes()
    {
        byte[] whole = new GgufBytes()
            .Text("general.architecture", "llama")
            .Entry("a.numbers", 9, writer => { writer.Write(5u); writer.Write(3ul); for (int i = 0; i < 3; i++) writer.Write(i); })
            .Entry("a.texts", 9, writer => { writer.Write(8u); writer.Write(2ul); GgufBytes.WriteText(writer, "x"); GgufBytes.WriteText(writer, ""); })
            .Entry("a.nested", 9, writer => { writer.Write(9u); writer.Write(1ul); writer.Write(7u); writer.Write(1ul); writer.Write(true); })
            .Tensor("blk.0.weight", GgmlType.Q4_1, [32, 2], new byte[40])
            .Tensor("blk.0.bias", GgmlType.BF16, [3], new byte[6])
            .ToArray();
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

    [Fact]
    public void A_tensor_of_many_pieces_is_dequantised_whole_and_in_order()
    {
        const int blocks = 50_001;
        byte[] data = new byte[blocks * Q8_0.BlockBytes];
        for (int block = 0; block < blocks; block++)
        {
            BitConverter.TryWriteBytes(data.AsSpan(block * Q8_0.BlockBytes), (Half)(block % 1000));
            for (int i = 0; i < 32; i++) data[block * Q8_0.BlockBytes + 2 + i] = (byte)(i - 16);
        }
        using GgufFile file = Open(new GgufBytes().Tensor("w", GgmlType.Q8_0, [32, blocks], data));
        float[] values = new float[blocks * 32];
        file.Read("w", values);
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(i / 32 % 1000 * (i % 32 - 16), values[i]);
    }

    [Fact]
    public void A_long_text_of_many_windows_is_read_whole()
    {
        string text = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i} é "));
        using GgufFile file = Open(new GgufBytes().Text("tokenizer.chat_template", text).Text("after", "x"));
        Assert.Equal(text, file.Metadata["tokenizer.chat_template"]);
        Assert.Equal("x", file.Metadata["after"]);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_mended_in_values_and_refused_in_keys()
    {
        using (GgufFile file = Open(new GgufBytes().Entry("k", 8, writer => { writer.Write(3ul); writer.Write([(byte)'a', 0xFF, (byte)'b']); })))
            Assert.Equal("a\uFFFDb", file.Metadata["k"]);
        byte[] bytes = new GgufBytes().Text("key", "value").ToArray();
        bytes[24 + 8] = 0xFF;                     // after magic, version, two counts and the key's length
        Assert.Contains("is not UTF-8", OpenAndRead(bytes)!.Message);
    }

    [Fact]
    public void A_type_that_is_not_built_is_refused_by_name_and_the_others_are_read()
    {
        using GgufFile file = Open(new GgufBytes().Tensor("k", GgmlType.Q4_K, [256], new byte[144]).Tensor("w", GgmlType.F32, [1], new byte[4]));
        file.Read("w", new float[1]);
        var error = Assert.Throws<InvalidDataException>(() => file.Read("k", new float[256]));
        Assert.Contains("tensor 'k' is stored as Q4_K, which is not supported yet", error.Message);
    }

    [Fact]
    public void A_missing_tensor_or_a_wrong_destination_is_told()
    {
        using GgufFile file = Open(new GgufBytes().Tensor("w", GgmlType.F32, [2], new byte[8]));
        Assert.Contains("no tensor 'v'", Assert.Throws<InvalidDataException>(() => file.ShapeOf("v")).Message);
        Assert.Throws<ArgumentException>(() => file.Read("w", new float[3]));
    }

    private GgufFile Open(GgufBytes bytes) => GgufFile.Open(Save(bytes.ToArray()));

    private string Save(ReadOnlySpan<byte> bytes)
    {
        string path = _folder.PathOf("a.gguf");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private Exception? OpenAndRead(ReadOnlySpan<byte> bytes)
    {
        string path = Save(bytes);
        return Record.Exception(() =>
        {
            using GgufFile file = GgufFile.Open(path);
            foreach (GgufTensorInfo tensor in file.Tensors)
                if (GgmlCoding.Of(tensor.Type)!.Decode is not null) file.Read(tensor.Name, new float[tensor.Count]);
        });
    }
}
