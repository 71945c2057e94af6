using Leftover.Data;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Safetensors;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Models;

public sealed class ModelLoadingTests : IDisposable
{
    private readonly ModelTestFolder _folder = new();

    [Fact]
    public void Missing_and_misshapen_tensors_are_named_with_the_shapes_found_and_needed()
    {
        string path = Save(TinyModels.Llama(), tensors =>
        {
            tensors.RemoveAll(tensor => tensor.Name == "model.norm.weight");
            int up = tensors.FindIndex(tensor => tensor.Name == "model.layers.1.mlp.up_proj.weight");
            tensors[up] = TensorToWrite.From(tensors[up].Name, [40, 23], new float[40 * 23]);
        });
        string message = Assert.Throws<DataException>(() => LanguageModel.Load(path)).Message;
        Assert.Contains("'model.norm.weight' is missing; the model needs it with shape [24]", message, StringComparison.Ordinal);
        Assert.Contains("'model.layers.1.mlp.up_proj.weight' has shape [40, 23]; the config needs [40, 24]", message, StringComparison.Ordinal);
        Assert.Contains("2 problems", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_inside_a_block_that_the_model_does_not_have_is_refused_and_another_head_is_noted()
    {
        string path = Save(TinyModels.Llama(), tensors => tensors.Add(TensorToWrite.From("model.layers.0.self_attn.q_norm.weight", [4], new float[4])));
        Assert.Contains("'model.layers.0.self_attn.q_norm.weight' [4] has no place", Assert.Throws<DataException>(() => LanguageModel.Load(path)).Message, StringComparison.Ordinal);

        path = Save(TinyModels.Llama(), tensors => tensors.Add(TensorToWrite.From("score.weight", [1, 24], new float[24])));
        using LanguageModel model = LanguageModel.Load(path);
        Assert.Contains("'score.weight' [1, 24]", Assert.Single(model.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_without_the_bodys_prefix_and_stored_masks_load_to_the_same_numbers()
    {
        using LanguageModel original = TinyModels.Gpt2();
        string path = Save(TinyModels.Gpt2(), tensors =>
        {
            for (int i = 0; i < tensors.Count; i++) tensors[i] = Renamed(original, tensors[i], tensors[i].Name["transformer.".Length..]);
            tensors.Add(TensorToWrite.From("h.0.attn.bias", [1, 1, 48, 48], new float[48 * 48]));
            tensors.Add(TensorToWrite.From("h.0.attn.masked_bias", [], new float[1]));
        });
        using LanguageModel model = LanguageModel.Load(path);
        Assert.Empty(model.Notes);
        Assert.Equal(TinyModels.Logits(original, 3, 1, 4), TinyModels.Logits(model, 3, 1, 4));
    }

    [Fact]
    public void A_file_that_was_cut_is_refused()
    {
        string path = Save(TinyModels.Llama(), _ => { });
        string file = Path.Combine(path, "model.safetensors");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^100]);
        Assert.Contains(file, Assert.Throws<DataException>(() => LanguageModel.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_model_is_told_with_what_one_is()
    {
        Assert.Contains("no such folder", Assert.Throws<DataException>(() => LanguageModel.Load(_folder.PathOf("nowhere"))).Message, StringComparison.Ordinal);

        Directory.CreateDirectory(_folder.PathOf("empty"));
        Assert.Contains("holds no weights", Assert.Throws<DataException>(() => LanguageModel.Load(_folder.PathOf("empty"))).Message, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(_folder.PathOf("empty"), "pytorch_model.bin"), "");
        Assert.Contains("pickles", Assert.Throws<DataException>(() => LanguageModel.Load(_folder.PathOf("empty"))).Message, StringComparison.Ordinal);

        File.WriteAllText(_folder.PathOf("notes.txt"), "");
        Assert.Contains("is a file", Assert.Throws<DataException>(() => LanguageModel.Load(_folder.PathOf("notes.txt"))).Message, StringComparison.Ordinal);

        string path = Save(TinyModels.Llama(), _ => { });
        File.WriteAllText(Path.Combine(path, "config.json"), "{ \"model_type\": ");
        Assert.Contains("config.json is no valid JSON", Assert.Throws<DataException>(() => LanguageModel.Load(path)).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(path, "config.json"));
        Assert.Contains("config.json is missing", Assert.Throws<DataException>(() => LanguageModel.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frozen_model_has_no_gradients_and_a_trainable_one_has()
    {
        string path = Save(TinyModels.Llama(), _ => { });
        using LanguageModel frozen = LanguageModel.Load(path), trainable = LanguageModel.Load(path, trainable: true);
        Assert.False(frozen.Weights.Trainable);
        Assert.True(trainable.Weights.Trainable);
    }

    [SharedFact("models/smollm2-135m-instruct")]
    public void The_config_out_of_a_gguf_file_is_the_one_beside_it()
    {
        string folder = SharedData.PathOf("models", "smollm2-135m-instruct");
        using Checkpoint alone = Checkpoint.Open(Directory.GetFiles(folder, "*.gguf").Single()), beside = Checkpoint.Open(folder);
        Assert.NotEqual(alone.ConfigPlace, beside.ConfigPlace);
        Assert.Equal(ModelConfig.Parse(beside.Config, beside.ConfigPlace), ModelConfig.Parse(alone.Config, alone.ConfigPlace));
    }

    /// <summary>Saves a model with its tensors changed, and disposes it.</summary>
    private unsafe string Save(LanguageModel model, Action<List<TensorToWrite>> change)
    {
        string path = _folder.PathOf($"model-{Guid.NewGuid():N}");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "config.json"), model.ConfigJson.ToJsonString());
        List<TensorToWrite> tensors = [.. model.Weights.Weights.Select(weight => TensorToWrite.From(weight.Name, weight.Shape, weight.Tensor.Pointer))];
        change(tensors);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), tensors);
        model.Dispose();
        return path;
    }

    private static unsafe TensorToWrite Renamed(LanguageModel model, TensorToWrite tensor, string name) =>
        TensorToWrite.From(name, [.. tensor.Shape], model.Weights[tensor.Name].Tensor.Pointer);

    public void Dispose() => _folder.Dispose();
}
