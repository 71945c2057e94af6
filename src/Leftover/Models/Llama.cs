using System.Text.Json.Nodes;
using Leftover.Models.Layers;
using Leftover.Tensors;

namespace Leftover.Models;

/// <summary>Llama's shape and switches (Touvron et al. 2023, arXiv:2302.13971); SmolLM2, TinyLlama and many others are this too.</summary>
public sealed record LlamaConfig : ModelConfig
{
    private readonly int _keyValueHeads, _headDimension;

    /// <inheritdoc/>
    public override string Family => "llama";

    /// <inheritdoc/>
    /// <remarks>Default: one for each query head.</remarks>
    public override int KeyValueHeads { get => _keyValueHeads > 0 ? _keyValueHeads : Heads; init => _keyValueHeads = value; }

    /// <inheritdoc/>
    /// <remarks>Default: the width over the heads.</remarks>
    public override int HeadDimension { get => _headDimension > 0 ? _headDimension : Width / Heads; init => _headDimension = value; }

    internal override string ClassName => "Llama";

    /// <inheritdoc/>
    public override long BlockWeights => Width * (2L * HeadDimension * (Heads + KeyValueHeads) + 3L * InnerWidth);

    /// <summary>Channels inside the MLP.</summary>
    public required int InnerWidth { get; init; }

    /// <summary>The gate's activation by its name in Transformers. Default <c>silu</c>.</summary>
    public string Activation { get; init; } = "silu";

    /// <summary>The norms' ε. Default 1e-6.</summary>
    public float RmsNormEpsilon { get; init; } = 1e-6f;

    /// <summary>How positions turn queries and keys.</summary>
    public RopeSettings Rope { get; init; } = new();

    /// <summary>Whether the four products of attention add a bias. Default false.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether the three products of the MLP add a bias. Default false.</summary>
    public bool MlpBias { get; init; }

    /// <summary>The token whose embedding gets no gradient where it is read (PyTorch's <c>padding_idx</c>); negative for none. Default -1.</summary>
    public int PaddingToken { get; init; } = -1;

    internal static LlamaConfig Read(ConfigReader config)
    {
        config.Refuse("sliding_window");
        config.Refuse("layer_types", types => types is JsonArray list && list.All(type => type?.ToString() == "full_attention"));
        int width = config.Count("hidden_size");
        int heads = config.Count("num_attention_heads");
        int contextLength = config.Count("max_position_embeddings");
        int vocabulary = config.Count("vocab_size");
        return new LlamaConfig
        {
            VocabularySize = vocabulary,
            PaddingToken = config.Row("pad_token_id", vocabulary),
            ContextLength = contextLength,
            Width = width,
            Layers = config.Count("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = config.Count("num_key_value_heads", heads),
            HeadDimension = config.Count("head_dim", Math.Max(1, width / heads)),
            InnerWidth = config.Count("intermediate_size"),
            Activation = Leftover.Models.Layers.Activation.Read(config, "hidden_act", "silu"),
            RmsNormEpsilon = (float)config.Positive("rms_norm_eps", 1e-6),
            Rope = RopeSettings.Read(config, contextLength),
            AttentionBias = config.Flag("attention_bias", false),
            MlpBias = config.Flag("mlp_bias", false),
            TiedHead = config.Flag("tie_word_embeddings", false),
            InitializerRange = (float)config.Positive("initializer_range", 0.02),
        };
    }

    private protected override void AddProblems(List<string> problems)
    {
        if (HeadDimension % 2 != 0) problems.Add($"a head's {HeadDimension} channels cannot be rotated in pairs");
    }

    /// <inheritdoc/>
    public override JsonObject ToJson() => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["model_type"] = Family,
        ["vocab_size"] = VocabularySize,
        ["max_position_embeddings"] = ContextLength,
        ["hidden_size"] = Width,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = KeyValueHeads,
        ["head_dim"] = HeadDimension,
        ["intermediate_size"] = InnerWidth,
        ["hidden_act"] = Activation,
        ["rms_norm_eps"] = (double)(decimal)RmsNormEpsilon,
        ["rope_parameters"] = Rope.ToJson(),
        ["attention_bias"] = AttentionBias,
        ["mlp_bias"] = MlpBias,
        ["pad_token_id"] = PaddingToken < 0 ? null : PaddingToken,
        ["tie_word_embeddings"] = TiedHead,
        ["initializer_range"] = (double)(decimal)InitializerRange,
    };

    internal override LanguageModel Build(bool withHead) => new Llama(this, withHead);
}

/// <summary>Llama: rotary positions, RMS norms, SwiGLU, no dropout.</summary>
internal sealed class Llama : LanguageModel
{
    private readonly Weight _tokens;
    private readonly int _padding;
    private readonly LlamaBlock[] _blocks;
    private readonly RmsNormLayer _finalNorm;

    public Llama(LlamaConfig config, bool withHead) : base(config, basePrefix: "model")
    {
        WeightScope weights = Weights.Root[BasePrefix];
        var rope = new RopeTable(config.Rope.Frequencies(config.HeadDimension), config.ContextLength, config.Rope.AttentionFactor);
        _padding = config.PaddingToken;
        _tokens = weights["embed_tokens"].Matrix("weight", config.VocabularySize, config.Width);
        _blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => new LlamaBlock(config, weights["layers"][layer], layer, rope))];
        _finalNorm = new RmsNormLayer(weights["norm"], config.Width, config.RmsNormEpsilon);
        if (withHead) DeclareHead(_tokens);
    }

    protected override Tensor Embed(ReadOnlySpan<int> tokens, PackedLayout layout) => Tensor.Embedding(_tokens, tokens, _padding);

    protected override Tensor Block(int layer, Tensor x, PackedLayout layout) => _blocks[layer].Forward(x, layout);

    protected override Tensor FinalNorm(Tensor x) => _finalNorm.Forward(x);

    /// <summary>Older files carry the rotation's frequencies as tensors.</summary>
    internal override bool IsKnownBuffer(string name) => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}

/// <summary>x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class LlamaBlock(LlamaConfig config, WeightScope weights, int layer, RopeTable rope)
{
    private readonly RmsNormLayer _attentionNorm = new(weights["input_layernorm"], config.Width, config.RmsNormEpsilon);
    private readonly CausalSelfAttention _attention = new(weights["self_attn"], config.Width, layer,
        new AttentionShape(config.Heads, config.KeyValueHeads, config.HeadDimension, (float)(1 / Math.Sqrt(config.HeadDimension))), rope, config.AttentionBias);
    private readonly RmsNormLayer _mlpNorm = new(weights["post_attention_layernorm"], config.Width, config.RmsNormEpsilon);
    private readonly GatedMlp _mlp = new(weights["mlp"], config.Width, config.InnerWidth, config.Activation, config.MlpBias);

    /// <param name="x">The residual stream, [N, C]: the batch's N tokens, end to end; so is the result.</param>
    /// <param name="layout">Where each sequence lies.</param>
    public Tensor Forward(Tensor x, PackedLayout layout)
    {
        x = Residual.Add(x, _attention.Forward(_attentionNorm.Forward(x), layout));
        return Residual.Add(x, _mlp.Forward(_mlpNorm.Forward(x)));
    }
}
