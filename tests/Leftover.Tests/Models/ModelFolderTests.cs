using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Safetensors;

namespace Leftover.Tests.Models;

public sealed class ModelFolderTests : IDisposable
{
    private readonly ModelTestFolder _folder = new();

    [Fact]
    public void A_model_saved_and_loaded_has_the_same_bytes()
    {
        foreach (LanguageModel model in new[] { TinyModels.Llama(), TinyModels.Gpt2(), LanguageModel.Create(TinyModels.LlamaConfig with { TiedHead = true, AttentionBias = true, MlpBias = true }, 5) })
        {
            using (model)
            {
                string path = _folder.PathOf("model");
                ModelFolder.Save(model, path);
                using LanguageModel loaded = LanguageModel.Load(path);
                Assert.Equal(model.Config, loaded.Config);
                foreach (Weight weight in model.Weights.Weights) Assert.True(weight.Tensor.Data.SequenceEqual(loaded.Weights[weight.Name].Tensor.Data), weight.Name);
                Assert.Equal(model.Config.TiedHead, !loaded.Weights.Contains("lm_head.weight"));
            }
        }
    }

    [Fact]
    public void Unknown_keys_of_the_config_are_kept_and_the_type_is_told()
    {
        using LanguageModel model = TinyModels.Llama();
        string path = _folder.PathOf("model");
        ModelFolder.Save(model, path);
        JsonObject config = GoldenModels.Json(Path.Combine(path, "config.json"));
        config["trained_by"] = "someone";
        config["torch_dtype"] = "float32";
        config.Remove("dtype");
        config["eos_token_id"] = 3;
        File.WriteAllText(Path.Combine(path, "config.json"), config.ToJsonString());
        using (LanguageModel plain = LanguageModel.Load(path)) ModelFolder.Save(plain, _folder.PathOf("plain"));
        Assert.Equal(3, GoldenModels.Json(Path.Combine(_folder.PathOf("plain"), "generation_config.json"))["eos_token_id"]!.GetValue<int>());
        File.WriteAllText(Path.Combine(path, "generation_config.json"), """{"eos_token_id": [2, 5], "made_up": 1}""");

        using LanguageModel loaded = LanguageModel.Load(path);
        ModelFolder.Save(loaded, _folder.PathOf("half"), type: ElementType.BF16, more: inner => File.WriteAllText(Path.Combine(inner, "README.md"), "card"));
        JsonObject saved = GoldenModels.Json(Path.Combine(_folder.PathOf("half"), "config.json"));
        Assert.Equal("someone", saved["trained_by"]!.GetValue<string>());
        Assert.Equal("bfloat16", saved["torch_dtype"]!.GetValue<string>());
        Assert.Equal(1, GoldenModels.Json(Path.Combine(_folder.PathOf("half"), "generation_config.json"))["made_up"]!.GetValue<int>());
        Assert.Equal("card", File.ReadAllText(Path.Combine(_folder.PathOf("half"), "README.md")));

        using LanguageModel half = LanguageModel.Load(_folder.PathOf("half"));
        foreach (Weight weight in half.Weights.Weights)
        {
            Span<float> full = model.Weights[weight.Name].Tensor.Data;
            for (int i = 0; i < full.Length; i++) Assert.Equal(full[i], weight.Tensor.Data[i], Math.Abs(full[i]) / 256);
        }
    }

    [Fact]
    public void A_save_that_fails_leaves_the_old_model_and_no_rubbish()
    {
        using LanguageModel first = TinyModels.Llama(1), second = TinyModels.Llama(2);
        string path = _folder.PathOf("model");
        ModelFolder.Save(first, path);
        Assert.Throws<IOException>(() => ModelFolder.Save(second, path, more: _ => throw new IOException("full")));
        using LanguageModel kept = LanguageModel.Load(path);
        Assert.True(first.Weights["lm_head.weight"].Tensor.Data.SequenceEqual(kept.Weights["lm_head.weight"].Tensor.Data));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.PathOf(".")).Select(Path.GetFullPath));

        ModelFolder.Save(second, path);
        using LanguageModel replaced = LanguageModel.Load(path);
        Assert.True(second.Weights["lm_head.weight"].Tensor.Data.SequenceEqual(replaced.Weights["lm_head.weight"].Tensor.Data));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.PathOf(".")).Select(Path.GetFullPath));
    }

    [Fact]
    public void A_folder_that_is_no_models_is_not_replaced()
    {
        using LanguageModel model = TinyModels.Llama();
        Directory.CreateDirectory(_folder.PathOf("thesis"));
        File.WriteAllText(Path.Combine(_folder.PathOf("thesis"), "chapter1.tex"), "years of work");
        Assert.Contains("not replaced", Assert.Throws<DataException>(() => ModelFolder.Save(model, _folder.PathOf("thesis"))).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.PathOf("thesis"), "chapter1.tex")));
    }

    public void Dispose() => _folder.Dispose();
}
