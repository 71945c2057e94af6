using Leftover.Tensors.Safetensors;

namespace Leftover.Tensors.Tests.Safetensors;

public sealed class SafetensorsFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_only_safetensors_file_of_a_folder_is_taken_whatever_its_name()
    {
        Write("adapter_model.safetensors", "a");
        using SafetensorsFolder weights = SafetensorsFolder.Open(_folder.Path);
        Assert.Equal(["a"], weights.Names);
    }

    [Fact]
    public void Model_safetensors_comes_before_an_index_and_before_others()
    {
        Write("model.safetensors", "a");
        Write("adapter_model.safetensors", "b");
        Index("""{"weight_map":{"b":"adapter_model.safetensors"}}""");
        using SafetensorsFolder weights = SafetensorsFolder.Open(_folder.Path);
        Assert.Equal(["a"], weights.Names);
    }

    [Fact]
    public void Shards_are_looked_up_as_one_and_an_index_can_be_named_itself()
    {
        Write("one.safetensors", "a");
        Write("two.safetensors", "b");
        string index = Index("""{"metadata":{"total_size":-3,"x":[]},"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""");
        using SafetensorsFolder weights = SafetensorsFolder.Open(index);
        Assert.Equal(2, weights.Files.Count);
        float[] value = new float[1];
        weights.Read("b", value);
        Assert.Equal('b', value[0]);
        Assert.Contains("no tensor 'c'", Assert.Throws<InvalidDataException>(() => weights.ShapeOf("c")).Message);
    }

    [Theory]
    [InlineData("../one.safetensors")]
    [InlineData("/tmp/one.safetensors")]
    [InlineData("sub/../../one.safetensors")]
    [InlineData("..\\\\one.safetensors")]
    [InlineData("C:one.safetensors")]
    [InlineData("")]
    public void An_index_that_leads_out_of_its_folder_is_refused(string shard)
    {
        Write("one.safetensors", "a");
        Index($$$"""{"weight_map":{"a":"{{{shard}}}"}}""");
        Assert.Contains("leads out of the folder", Assert.Throws<InvalidDataException>(() => SafetensorsFolder.Open(_folder.Path)).Message);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}""", "occurs twice")]
    [InlineData("""{"weight_map":{"a":1}}""", "must be a file name")]
    [InlineData("""{"metadata":{}}""", "'weight_map' is missing")]
    [InlineData("""[]""", "must be a JSON object")]
    [InlineData("""{"weight_map":{"a":"one.safetensors"}""", "not the JSON it should be")]
    [InlineData("""{"weight_map":{"a":"none.safetensors"}}""", "the shard 'none.safetensors' is not in the folder")]
    [InlineData("""{"weight_map":{"b":"one.safetensors"}}""", "does not hold the tensor 'b'")]
    public void A_broken_index_is_told_with_its_path_and_what_is_wrong(string json, string message)
    {
        Write("one.safetensors", "a");
        string index = Index(json);
        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFolder.Open(_folder.Path));
        Assert.Contains(index, error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Several_files_without_an_index_are_not_guessed_at()
    {
        Write("one.safetensors", "a");
        Write("two.safetensors", "b");
        Assert.Contains("holds 2 safetensors files", Assert.Throws<FileNotFoundException>(() => SafetensorsFolder.Open(_folder.Path)).Message);
    }

    [Fact]
    public void A_folder_without_weights_or_a_path_to_nothing_is_told()
    {
        Assert.False(SafetensorsFolder.HasWeights(_folder.Path));
        Assert.Throws<FileNotFoundException>(() => SafetensorsFolder.Open(_folder.Path));
        Assert.Throws<FileNotFoundException>(() => SafetensorsFolder.Open(_folder.PathOf("nothing")));
        Write("x.safetensors", "a");
        Assert.True(SafetensorsFolder.HasWeights(_folder.Path));
    }

    /// <summary>A file with one tensor, whose value is the first letter of its name.</summary>
    private void Write(string file, string tensor) =>
        SafetensorsWriter.Write(_folder.PathOf(file), [TensorToWrite.From(tensor, [1], new float[] { tensor[0] })]);

    private string Index(string json)
    {
        string path = _folder.PathOf("model.safetensors.index.json");
        File.WriteAllText(path, json);
        return path;
    }
}
