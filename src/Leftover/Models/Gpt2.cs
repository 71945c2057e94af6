using System.Text.Json.Nodes;
using Leftover.Models.Layers;
using Leftover.Tensors;

namespace Leftover.Models;

/// <summary>GPT-2's shape and switches (Radford et al. 2019); DialoGPT and distilgpt2 are this too.</summary>
public sealed record Gpt2Config : ModelConfig
{
    /// <inheritdoc/>
    public override string Family => "gpt2";

    internal override string ClassName => "GPT2";

    /// <inheritdoc/>
    public override long BlockWeights => Width * (4L * Width + 2L * InnerWidth);

    /// <summary>Channels inside the MLP; 4 times the width in the published models.</summary>
    public required int InnerWidth { get; init; }

    /// <summary>The MLP's activation by its name in Transformers. Default <c>gelu_new</c>, the tanh form.</summary>
    public string Activation { get; init; } = "gelu_new";

    /// <summary>Layer norm's ε. Default 1e-5.</summary>
    public float LayerNormEpsilon { get; init; } = 1e-5f;

    /// <summary>Whether scores are divided by √(head dimension). Default true.</summary>
    public bool ScaleAttention { get; init; } = true;

    /// <summary>Whether scores are also divided by the layer's number, counted from 1. Default false.</summary>
    public bool ScaleByInverseLayer { get; init; }

    internal static Gpt2Config Read(ConfigReader config)
    {
        config.Ignore("n_ctx");                                     // an old double of n_positions
        config.Refuse("add_cross_attention");
        int width = config.Count("n_embd");
        return new Gpt2Config
        {
            VocabularySize = config.Count("vocab_size"),
            ContextLength = config.Count("n_positions"),
            Width = width,
            Layers = config.Count("n_layer"),
            Heads = config.Count("n_head"),
            InnerWidth = config.Count("n_inner", (int)Math.Min(int.MaxValue, 4L * width)),
            Activation = Leftover.Models.Layers.Activation.Read(config, "activation_function", "gelu_new"),
            LayerNormEpsilon = (float)config.Positive("layer_norm_epsilon", 1e-5),
            ScaleAttention = config.Flag("scale_attn_weights", true),
            ScaleByInverseLayer = config.Flag("scale_attn_by_inverse_layer_idx", false),
            TiedHead = config.Flag("tie_word_embeddings", true),
            InitializerRange = (float)config.Positive("initializer_range", 0.02),
        };
    }

    private protected override void AddProblems(List<string> problems)
    {
        if (Width % Heads != 0) problems.Add($"n_embd {Width} is no multiple of n_head {Heads}");
    }

    /// <inheritdoc/>
    public override JsonObject ToJson() => new()
    {
        ["architectures"] = new JsonArray("GPT2LMHeadModel"),
        ["model_type"] = Family,
        ["vocab_size"] = VocabularySize,
        ["n_positions"] = ContextLength,
        ["n_embd"] = Width,
        ["n_layer"] = Layers,
        ["n_head"] = Heads,
        ["n_inner"] = InnerWidth,
        ["activation_function"] = Activation,
        ["layer_norm_epsilon"] = (double)(decimal)LayerNormEpsilon,
        ["scale_attn_weights"] = ScaleAttention,
        ["scale_attn_by_inverse_layer_idx"] = ScaleByInverseLayer,
        ["tie_word_embeddings"] = TiedHead,
        ["initializer_range"] = (double)(decimal)InitializerRange,
    };

    internal override LanguageModel Build(bool withHead) => new Gpt2(this, withHead);
}

/// <summary>GPT-2: learned positions, pre-norm blocks, one product for queries, keys and values.</summary>
internal sealed class Gpt2 : LanguageModel
{
    private readonly Weight _tokens, _positions;
    private readonly Gpt2Block[] _blocks;
    private readonly LayerNormLayer _finalNorm;

    public Gpt2(Gpt2Config config, bool withHead) : base(config, basePrefix: "transformer")
    {
        WeightScope weights = Weights.Root[BasePrefix];
        _tokens = weights["wte"].Matrix("weight", config.VocabularySize, config.Width);
        _positions = weights["wpe"].Matrix("weight", config.ContextLength, config.Width);
        _blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => new Gpt2Block(config, weights["h"][layer], layer))];
        _finalNorm = new LayerNormLayer(weights["ln_f"], config.Width, config.LayerNormEpsilon);
        if (withHead) DeclareHead(_tokens);
    }

    protected override Tensor Embed(ReadOnlySpan<int> tokens, PackedLayout layout) =>
        Tensor.Embedding(_tokens, tokens) + Tensor.Embedding(_positions, layout.Positions);

    protected override Tensor Block(int layer, Tensor x, PackedLayout layout) => _blocks[layer].Forward(x, layout);

    protected override Tensor FinalNorm(Tensor x) => _finalNorm.Forward(x);

    /// <summary>The published files carry the causal mask as tensors.</summary>
    internal override bool IsKnownBuffer(string name) => name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    /// <summary>Products that end in the residual stream start smaller, by 1/√(how many there are).</summary>
    internal override double InitialDeviation(Weight weight) =>
        base.InitialDeviation(weight) * (weight.Name.EndsWith(".c_proj.weight", StringComparison.Ordinal) ? 1 / Math.Sqrt(2.0 * Config.Layers) : 1);
}

/// <summary>x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class Gpt2Block(Gpt2Config config, WeightScope weights, int layer)
{
    private readonly LayerNormLayer _attentionNorm = new(weights["ln_1"], config.Width, config.LayerNormEpsilon);
    private readonly LinearLayer _queryKeyValue = new(weights["attn"]["c_attn"], config.Width, 3 * config.Width, bias: true, weightIsInOut: true);
    private readonly LinearLayer _output = new(weights["attn"]["c_proj"], config.Width, config.Width, bias: true, weightIsInOut: true);
    private readonly LayerNormLayer _mlpNorm = new(weights["ln_2"], config.Width, config.LayerNormEpsilon);
    private readonly LinearLayer _expand = new(weights["mlp"]["c_fc"], config.Width, config.InnerWidth, bias: true, weightIsInOut: true);
    private readonly LinearLayer _contract = new(weights["mlp"]["c_proj"], config.InnerWidth, config.Width, bias: true, weightIsInOut: true);
    private readonly Func<Tensor, Tensor> _activation = Activation.Named(config.Activation);
    private readonly AttentionShape _shape = new(config.Heads, config.Heads, config.HeadDimension, Scale(config, layer));

    /// <param name="x">The residual stream, [N, C]: the batch's N tokens, end to end; so is the result.</param>
    /// <param name="layout">Where each sequence lies.</param>
    public Tensor Forward(Tensor x, PackedLayout layout)
    {
        Tensor normed = _attentionNorm.Forward(x);
        Tensor qkv = _queryKeyValue.Forward(normed);                                     // [N, 3C]: q, k, v side by side
        normed.Forget();
        x = Residual.Add(x, _output.Forward(Tensor.CausalAttention(qkv, 0, qkv, config.Width, qkv, 2 * config.Width, _shape, layout, layer)));

        normed = _mlpNorm.Forward(x);
        Tensor expanded = _expand.Forward(normed);
        normed.Forget();
        Tensor active = _activation(expanded);
        Tensor change = _contract.Forward(active);
        active.Forget();
        return Residual.Add(x, change);
    }

    private static float Scale(Gpt2Config config, int layer) =>
        (float)((config.ScaleAttention ? 1 / Math.Sqrt(config.HeadDimension) : 1) / (config.ScaleByInverseLayer ? layer + 1 : 1));
}
