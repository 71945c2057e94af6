using System.Text.RegularExpressions;
using Leftover.Data;
using Leftover.Tensors.Gguf;

namespace Leftover.Models.Gguf;

/// <summary>How a tensor's rows and columns differ between a GGUF file and Hugging Face's layout.</summary>
internal enum GgufOrder
{
    /// <summary>Not at all.</summary>
    Same,

    /// <summary>Rows and columns are exchanged: GPT-2's products.</summary>
    Transposed,

    /// <summary>Rows of each query head are in the order for rotating neighbours.</summary>
    QueryRows,

    /// <summary>The same of each key head.</summary>
    KeyRows,
}

/// <summary>What one architecture's tensors are called in GGUF files and in Hugging Face's.</summary>
/// <param name="Top">Names outside the blocks.</param>
/// <param name="Block">What a block's tensors begin with; the block's number follows.</param>
/// <param name="Parts">Names inside a block, without <c>.weight</c> and <c>.bias</c>.</param>
internal sealed partial record GgufNames(Dictionary<string, string> Top, string Block, Dictionary<string, (string Name, GgufOrder Order)> Parts)
{
    private static readonly Dictionary<string, GgufNames> s_architectures = new(StringComparer.Ordinal)
    {
        ["llama"] = new(
            new() { ["token_embd"] = "model.embed_tokens", ["output_norm"] = "model.norm", ["output"] = "lm_head" },
            "model.layers",
            new()
            {
                ["attn_norm"] = ("input_layernorm", GgufOrder.Same),
                ["attn_q"] = ("self_attn.q_proj", GgufOrder.QueryRows),
                ["attn_k"] = ("self_attn.k_proj", GgufOrder.KeyRows),
                ["attn_v"] = ("self_attn.v_proj", GgufOrder.Same),
                ["attn_output"] = ("self_attn.o_proj", GgufOrder.Same),
                ["ffn_norm"] = ("post_attention_layernorm", GgufOrder.Same),
                ["ffn_gate"] = ("mlp.gate_proj", GgufOrder.Same),
                ["ffn_up"] = ("mlp.up_proj", GgufOrder.Same),
                ["ffn_down"] = ("mlp.down_proj", GgufOrder.Same),
            }),
        ["gpt2"] = new(
            new() { ["token_embd"] = "transformer.wte", ["position_embd"] = "transformer.wpe", ["output_norm"] = "transformer.ln_f", ["output"] = "lm_head" },
            "transformer.h",
            new()
            {
                ["attn_norm"] = ("ln_1", GgufOrder.Same),
                ["attn_qkv"] = ("attn.c_attn", GgufOrder.Transposed),
                ["attn_output"] = ("attn.c_proj", GgufOrder.Transposed),
                ["ffn_norm"] = ("ln_2", GgufOrder.Same),
                ["ffn_up"] = ("mlp.c_fc", GgufOrder.Transposed),
                ["ffn_down"] = ("mlp.c_proj", GgufOrder.Transposed),
            }),
    };

    /// <summary>The names of a file's architecture.</summary>
    /// <exception cref="DataException">The file names none, or one that is not known.</exception>
    public static GgufNames Of(GgufFile file)
    {
        string architecture = ArchitectureOf(file);
        return s_architectures.TryGetValue(architecture, out GgufNames? names) ? names
            : throw new DataException($"{file.Path}: general.architecture is \"{architecture}\", which is not supported. Known: {string.Join(", ", s_architectures.Keys)}.");
    }

    /// <summary>The file's <c>general.architecture</c>.</summary>
    public static string ArchitectureOf(GgufFile file) =>
        file.Metadata.TryGetValue("general.architecture", out object? name) && name is string text ? text
            : throw new DataException($"{file.Path} does not say its architecture (general.architecture); a model's file must.");

    /// <summary>A tensor's name in Hugging Face's layout; its own where it is not known.</summary>
    public (string Name, GgufOrder Order) ToHuggingFace(string name)
    {
        Match match = BlockName().Match(name);
        string kind = name[(name.LastIndexOf('.') + 1)..];
        if (match.Success && Parts.TryGetValue(match.Groups["part"].Value, out (string Name, GgufOrder Order) part))
            return ($"{Block}.{match.Groups["block"].Value}.{part.Name}.{kind}", part.Order == GgufOrder.Transposed && kind == "bias" ? GgufOrder.Same : part.Order);
        return Top.TryGetValue(name[..Math.Max(0, name.LastIndexOf('.'))], out string? top) ? ($"{top}.{kind}", GgufOrder.Same) : (name, GgufOrder.Same);
    }

    [GeneratedRegex(@"^blk\.(?<block>[0-9]+)\.(?<part>[a-z_]+)\.(weight|bias)$")]
    private static partial Regex BlockName();
}
