using System.Runtime.InteropServices;
using Leftover.Data;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Gguf;
using Leftover.Tensors.Tests.Gguf;

namespace Leftover.Tests.Models;

/// <summary>Models written as GGUF by hand, with the renamings, permutations and transpositions spelled out here.</summary>
public sealed class GgufModelTests : IDisposable
{
    private readonly ModelTestFolder _folder = new();

    [Fact]
    public void A_llamas_query_and_key_rows_are_put_back_for_their_own_numbers_of_heads()
    {
        using LanguageModel model = TinyModels.Llama();
        GgufBytes file = LlamaHead();
        Add(file, "token_embd.weight", model, "model.embed_tokens.weight");
        Add(file, "output_norm.weight", model, "model.norm.weight");
        Add(file, "output.weight", model, "lm_head.weight");
        for (int layer = 0; layer < 2; layer++)
        {
            string from = $"model.layers.{layer}", to = $"blk.{layer}";
            Add(file, $"{to}.attn_norm.weight", model, $"{from}.input_layernorm.weight");
            Add(file, $"{to}.attn_q.weight", Interleaved(model.Weights[$"{from}.self_attn.q_proj.weight"], heads: 6), [24, 24]);
            Add(file, $"{to}.attn_k.weight", Interleaved(model.Weights[$"{from}.self_attn.k_proj.weight"], heads: 2), [24, 8]);
            Add(file, $"{to}.attn_v.weight", model, $"{from}.self_attn.v_proj.weight");
            Add(file, $"{to}.attn_output.weight", model, $"{from}.self_attn.o_proj.weight");
            Add(file, $"{to}.ffn_norm.weight", model, $"{from}.post_attention_layernorm.weight");
            Add(file, $"{to}.ffn_gate.weight", model, $"{from}.mlp.gate_proj.weight");
            Add(file, $"{to}.ffn_up.weight", model, $"{from}.mlp.up_proj.weight");
            Add(file, $"{to}.ffn_down.weight", model, $"{from}.mlp.down_proj.weight");
        }
        using LanguageModel loaded = LanguageModel.Load(Write(file));
        Assert.Equal(model.Config with { InitializerRange = 0.02f }, loaded.Config);
        Assert.Equal(TinyModels.Logits(model, 3, 1, 4, 1, 5), TinyModels.Logits(loaded, 3, 1, 4, 1, 5));
    }

    [Fact]
    public void A_gpt2s_products_are_turned_back()
    {
        using LanguageModel model = TinyModels.Gpt2();
        var file = new GgufBytes();
        file.Text("general.architecture", "gpt2");
        Number(file, "gpt2.context_length", 48);
        Number(file, "gpt2.embedding_length", 24);
        Number(file, "gpt2.feed_forward_length", 96);
        Number(file, "gpt2.block_count", 2);
        Number(file, "gpt2.attention.head_count", 3);
        file.Entry("gpt2.attention.layer_norm_epsilon", 6, writer => writer.Write(1e-5f));
        Add(file, "token_embd.weight", model, "transformer.wte.weight");
        Add(file, "position_embd.weight", model, "transformer.wpe.weight");
        AddBoth(file, "output_norm", model, "transformer.ln_f");
        for (int layer = 0; layer < 2; layer++)
        {
            string from = $"transformer.h.{layer}", to = $"blk.{layer}";
            AddBoth(file, $"{to}.attn_norm", model, $"{from}.ln_1");
            AddBoth(file, $"{to}.ffn_norm", model, $"{from}.ln_2");
            foreach ((string gguf, string own) in new[] { ("attn_qkv", "attn.c_attn"), ("attn_output", "attn.c_proj"), ("ffn_up", "mlp.c_fc"), ("ffn_down", "mlp.c_proj") })
            {
                Weight weight = model.Weights[$"{from}.{own}.weight"];
                Add(file, $"{to}.{gguf}.weight", Transposed(weight), [(ulong)weight.Rows, (ulong)weight.Columns]);
                Add(file, $"{to}.{gguf}.bias", model, $"{from}.{own}.bias");
            }
        }
        using LanguageModel loaded = LanguageModel.Load(Write(file));
        Assert.True(loaded.Config.TiedHead);
        Assert.Equal(TinyModels.Logits(model, 3, 1, 4, 1, 5), TinyModels.Logits(loaded, 3, 1, 4, 1, 5));
    }

    [Fact]
    public void An_architecture_that_is_not_built_and_settings_that_cannot_be_told_back_are_refused()
    {
        string path = Write(new GgufBytes().Text("general.architecture", "mamba"));
        Assert.Contains("\"mamba\", which is not supported. Known: llama, gpt2", Assert.Throws<DataException>(() => LanguageModel.Load(path)).Message, StringComparison.Ordinal);

        GgufBytes stretched = LlamaHead();
        Add(stretched, "rope_freqs.weight", new float[2], [2]);
        Assert.Contains("rope_freqs.weight", Assert.Throws<DataException>(() => LanguageModel.Load(Write(stretched))).Message, StringComparison.Ordinal);
    }

    private static GgufBytes LlamaHead()
    {
        var file = new GgufBytes();
        file.Text("general.architecture", "llama");
        Number(file, "llama.context_length", 48);
        Number(file, "llama.embedding_length", 24);
        Number(file, "llama.feed_forward_length", 40);
        Number(file, "llama.block_count", 2);
        Number(file, "llama.attention.head_count", 6);
        Number(file, "llama.attention.head_count_kv", 2);
        Number(file, "llama.rope.dimension_count", 4);
        file.Entry("llama.rope.freq_base", 6, writer => writer.Write(1000f));
        return file.Entry("llama.attention.layer_norm_rms_epsilon", 6, writer => writer.Write(1e-6f));
    }

    private static void Number(GgufBytes file, string key, uint value) => file.Entry(key, 4, writer => writer.Write(value));

    /// <summary>Of each head's rows 0, 1, …, d − 1: 0, d/2, 1, d/2 + 1, …</summary>
    private static float[] Interleaved(Weight weight, int heads)
    {
        float[] values = weight.Tensor.Data.ToArray();
        int d = weight.Rows / heads;
        List<float> stored = [];
        for (int head = 0; head < heads; head++)
        {
            for (int pair = 0; pair < d / 2; pair++)
            {
                foreach (int row in new[] { head * d + pair, head * d + d / 2 + pair }) stored.AddRange(values.AsSpan(row * weight.Columns, weight.Columns));
            }
        }
        return [.. stored];
    }

    private static float[] Transposed(Weight weight) =>
        [.. Enumerable.Range(0, weight.Tensor.Length).Select(i => weight.Tensor.Data[i % weight.Rows * weight.Columns + i / weight.Rows])];

    private static void AddBoth(GgufBytes file, string name, LanguageModel model, string own)
    {
        Add(file, $"{name}.weight", model, $"{own}.weight");
        Add(file, $"{name}.bias", model, $"{own}.bias");
    }

    private static void Add(GgufBytes file, string name, LanguageModel model, string own) =>
        Add(file, name, model.Weights[own].Tensor.Data.ToArray(), [.. model.Weights[own].Shape.Reverse().Select(size => (ulong)size)]);

    private static void Add(GgufBytes file, string name, float[] values, ulong[] fastestFirst) =>
        file.Tensor(name, GgmlType.F32, fastestFirst, MemoryMarshal.AsBytes<float>(values).ToArray());

    private string Write(GgufBytes file)
    {
        string path = _folder.PathOf($"{Guid.NewGuid():N}.gguf");
        File.WriteAllBytes(path, file.ToArray());
        return path;
    }

    public void Dispose() => _folder.Dispose();
}
