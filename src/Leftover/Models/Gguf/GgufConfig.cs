using System.Globalization;
using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Tensors.Gguf;

namespace Leftover.Models.Gguf;

/// <summary>The config.json that a GGUF file's metadata amounts to.</summary>
internal static class GgufConfig
{
    /// <summary>The tensor that holds stretched rotation frequencies.</summary>
    public const string RopeFactors = "rope_freqs.weight";

    /// <exception cref="DataException">The architecture is not known, a size is missing, or a setting cannot be told from the metadata.</exception>
    public static JsonObject Read(GgufFile file)
    {
        string architecture = GgufNames.ArchitectureOf(file);
        _ = GgufNames.Of(file);
        JsonObject config = architecture == "gpt2" ? ReadGpt2(file) : ReadLlama(file);
        config["model_type"] = architecture;
        config["vocab_size"] = VocabularySize(file);
        config["tie_word_embeddings"] = !file.Contains("output.weight");
        foreach ((string key, string name) in new[] { ("bos", "bos_token_id"), ("eos", "eos_token_id"), ("padding", "pad_token_id"), ("unknown", "unk_token_id") })
        {
            if (file.Metadata.TryGetValue($"tokenizer.ggml.{key}_token_id", out object? id)) config[name] = Convert.ToInt64(id, CultureInfo.InvariantCulture);
        }
        return config;
    }

    private static JsonObject ReadGpt2(GgufFile file) => new()
    {
        ["architectures"] = new JsonArray("GPT2LMHeadModel"),
        ["n_positions"] = Whole(file, "gpt2.context_length"),
        ["n_embd"] = Whole(file, "gpt2.embedding_length"),
        ["n_inner"] = Whole(file, "gpt2.feed_forward_length"),
        ["n_layer"] = Whole(file, "gpt2.block_count"),
        ["n_head"] = Whole(file, "gpt2.attention.head_count"),
        ["layer_norm_epsilon"] = Real(file, "gpt2.attention.layer_norm_epsilon"),
        ["activation_function"] = "gelu_new",
    };

    private static JsonObject ReadLlama(GgufFile file)
    {
        if (file.Contains(RopeFactors))
            throw new DataException($"{file.Path} stretches its rotations by a tensor ('{RopeFactors}'), whose settings cannot be told back. Put the model's config.json beside it and give the folder.");
        if (file.Metadata.TryGetValue("llama.expert_count", out object? experts) && Convert.ToInt64(experts, CultureInfo.InvariantCulture) > 0)
            throw new DataException($"{file.Path}: llama.expert_count is {experts}; mixtures of experts are not supported.");
        long width = Whole(file, "llama.embedding_length"), heads = Whole(file, "llama.attention.head_count");
        return new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["max_position_embeddings"] = Whole(file, "llama.context_length"),
            ["hidden_size"] = width,
            ["intermediate_size"] = Whole(file, "llama.feed_forward_length"),
            ["num_hidden_layers"] = Whole(file, "llama.block_count"),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = Whole(file, "llama.attention.head_count_kv", heads),
            ["head_dim"] = Whole(file, "llama.attention.key_length", Whole(file, "llama.rope.dimension_count", width / Math.Max(1, heads))),
            ["rms_norm_eps"] = Real(file, "llama.attention.layer_norm_rms_epsilon"),
            ["hidden_act"] = "silu",
            ["attention_bias"] = file.Contains("blk.0.attn_q.bias"),
            ["mlp_bias"] = file.Contains("blk.0.ffn_gate.bias"),
            ["rope_parameters"] = ReadRope(file),
        };
    }

    private static JsonObject ReadRope(GgufFile file)
    {
        var rope = new JsonObject { ["rope_theta"] = Real(file, "llama.rope.freq_base", 10000) };
        string kind = file.Metadata.TryGetValue("llama.rope.scaling.type", out object? type) ? type.ToString()! : "none";
        rope["rope_type"] = kind == "none" ? "default" : kind;
        if (kind == "none") return rope;
        rope["factor"] = Real(file, "llama.rope.scaling.factor");
        if (file.Metadata.ContainsKey("llama.rope.scaling.original_context_length")) rope["original_max_position_embeddings"] = Whole(file, "llama.rope.scaling.original_context_length");
        return rope;
    }

    private static long VocabularySize(GgufFile file) =>
        file.Contains("token_embd.weight") ? file.ShapeOf("token_embd.weight")[0] : throw new DataException($"{file.Path} holds no 'token_embd.weight'; it is no whole model.");

    private static long Whole(GgufFile file, string key, long? fallback = null) => (long)Real(file, key, fallback);

    private static double Real(GgufFile file, string key, double? fallback = null)
    {
        if (!file.Metadata.TryGetValue(key, out object? value))
            return fallback ?? throw new DataException($"{file.Path}: the metadata has no '{key}'; a model's file must.");
        if (value is not (byte or sbyte or ushort or short or uint or int or ulong or long or float or double))
            throw new DataException($"{file.Path}: '{key}' is no single number, which is not supported.");
        return Convert.ToDouble(value, CultureInfo.InvariantCulture);
    }
}
