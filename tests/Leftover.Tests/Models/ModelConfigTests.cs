using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models;
using Leftover.Models.Layers;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Models;

public class ModelConfigTests
{
    private static readonly string s_llama = TinyModels.LlamaConfig.ToJson().ToJsonString();
    private static readonly string s_gpt2 = TinyModels.Gpt2Config.ToJson().ToJsonString();

    [Fact]
    public void A_config_written_out_is_read_back_the_same()
    {
        LlamaConfig llama = TinyModels.LlamaConfig with
        {
            AttentionBias = true,
            MlpBias = true,
            TiedHead = true,
            Activation = "gelu",
            RmsNormEpsilon = 3e-5f,
            PaddingToken = 7,
            Rope = new RopeSettings { Kind = "yarn", Factor = 4, OriginalContext = 12, Theta = 500, AttentionFactor = 1.25 },
        };
        Assert.Equal(llama, Parse(llama.ToJson()));
        Assert.Equal(TinyModels.LlamaConfig, Parse(TinyModels.LlamaConfig.ToJson()));
        Gpt2Config gpt2 = TinyModels.Gpt2Config with { Activation = "relu", TiedHead = false, ScaleAttention = false, ScaleByInverseLayer = true };
        Assert.Equal(gpt2, Parse(gpt2.ToJson()));
    }

    [Fact]
    public void The_older_layout_of_rope_settings_says_the_same_as_the_newer()
    {
        JsonObject newer = Llama(), older = Llama();
        newer["rope_parameters"] = JsonNode.Parse("""{"rope_type": "llama3", "rope_theta": 700, "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 32}""");
        older.Remove("rope_parameters");
        older["rope_theta"] = 700;
        older["rope_scaling"] = JsonNode.Parse("""{"type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 32}""");
        Assert.Equal(Parse(newer), Parse(older));
    }

    [Theory]
    [InlineData("sliding_window", "128")]
    [InlineData("layer_types", """["full_attention", "sliding_attention"]""")]
    [InlineData("clip_qkv", "8.0")]
    [InlineData("use_qk_norm", "true")]
    [InlineData("qk_layernorm", "true")]
    [InlineData("quantization_config", """{"bits": 4}""")]
    [InlineData("partial_rotary_factor", "0.5")]
    [InlineData("attention_multiplier", "0.1")]
    [InlineData("hidden_act", "\"quick_gelu\"")]
    [InlineData("rope_parameters", """{"rope_type": "dynamic", "factor": 2.0}""")]
    [InlineData("rope_scaling", """{"type": "longrope", "long_factor": [1.0]}""")]
    public void A_setting_that_would_change_a_llamas_numbers_is_refused_by_name(string key, string value)
    {
        JsonObject json = Llama();
        if (key == "rope_scaling") json.Remove("rope_parameters");
        json[key] = JsonNode.Parse(value);
        DataException refused = Assert.Throws<DataException>(() => Parse(json));
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        Assert.Contains("here/config.json", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sliding_window", "null")]
    [InlineData("layer_types", """["full_attention", "full_attention"]""")]
    [InlineData("use_qk_norm", "false")]
    [InlineData("clip_qkv", "null")]
    [InlineData("attention_dropout", "0.1")]
    [InlineData("partial_rotary_factor", "1.0")]
    [InlineData("pretraining_tp", "2")]
    [InlineData("transformers_version", "\"9.9\"")]
    public void A_setting_that_changes_nothing_is_accepted(string key, string value)
    {
        JsonObject json = Llama();
        json[key] = JsonNode.Parse(value);
        Assert.Equal(TinyModels.LlamaConfig, Parse(json));
    }

    [Fact]
    public void An_unknown_key_that_tells_of_no_arithmetic_is_noted()
    {
        JsonObject json = Llama();
        json["trained_by"] = "someone";
        List<string> notes = [];
        ModelConfig.Parse(json, "here/config.json", notes);
        Assert.Contains("'trained_by'", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_come_at_once()
    {
        JsonObject json = (JsonObject)JsonNode.Parse(s_gpt2)!;
        json.Remove("n_embd");
        json["n_layer"] = 2.5;
        json["tie_word_embeddings"] = "yes";
        json["add_cross_attention"] = true;
        json["activation_function"] = "gelo";
        string message = Assert.Throws<DataException>(() => Parse(json)).Message;
        Assert.Contains("5 problems", message, StringComparison.Ordinal);
        foreach (string key in new[] { "n_embd", "n_layer  is 2.5", "tie_word_embeddings", "add_cross_attention", "gelu_new" }) Assert.Contains(key, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("num_key_value_heads", 4, "6 query heads")]
    [InlineData("head_dim", 5, "5 channels")]
    public void Heads_that_do_not_fit_together_are_refused(string key, int value, string part)
    {
        JsonObject json = Llama();
        json[key] = value;
        Assert.Contains(part, Assert.Throws<DataException>(() => Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_architecture_is_refused_with_the_known_ones_and_the_nearest()
    {
        string message = Assert.Throws<DataException>(() => Parse(new JsonObject { ["model_type"] = "gpt-2" })).Message;
        Assert.Contains("\"gpt-2\"", message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'gpt2'?", message, StringComparison.Ordinal);
        Assert.Contains("llama", message, StringComparison.Ordinal);
        Assert.Contains("has no model_type", Assert.Throws<DataException>(() => Parse([])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Linear_scaling_slows_all_pairs_down_and_llama3_only_the_slow_ones()
    {
        var plain = new RopeSettings { Theta = 100 };
        double[] own = plain.Frequencies(8), linear = (plain with { Kind = "linear", Factor = 4 }).Frequencies(8);
        Assert.Equal(own.Select(frequency => frequency / 4), linear);

        // Waves per original context of 32: 32·θ^(−2i/8)/2π = 5.09, 1.61, 0.509, 0.161. Above 4: left alone; below 1: over 8; between: a share of (1.61 − 1)/3.
        double[] llama3 = (plain with { Kind = "llama3", Factor = 8, OriginalContext = 32 }).Frequencies(8);
        double share = ((32 * own[1] / (2 * Math.PI)) - 1) / 3;
        Assert.Equal([own[0], (share * own[1]) + ((1 - share) * own[1] / 8), own[2] / 8, own[3] / 8], llama3);
    }

    [GoldenFact("models/causal")]
    public void Both_layouts_of_each_golden_config_say_the_same()
    {
        int compared = 0;
        foreach (string folder in GoldenModels.Folders("causal").Where(name => !GoldenModels.NotBuilt.Contains(GoldenModels.FamilyOf(name))).Select(GoldenModels.PathOf))
        {
            string older = Path.Combine(folder, "config.v4.json");
            if (!File.Exists(older)) continue;
            Assert.Equal(Parse(GoldenModels.Json(Path.Combine(folder, "config.json"))), Parse(GoldenModels.Json(older)));
            compared++;
        }
        Assert.True(compared > 0);
    }

    private static JsonObject Llama() => (JsonObject)JsonNode.Parse(s_llama)!;

    private static ModelConfig Parse(JsonObject json) => ModelConfig.Parse(json, "here/config.json");
}
