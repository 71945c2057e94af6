using Leftover.Models.Classification;
using Leftover.Models.Layers;

namespace Leftover.Models.Encoders;

/// <summary>How one family of BERT's kin names its settings and weights; what they compute is the same.</summary>
/// <param name="Name">The family's <c>model_type</c>.</param>
/// <param name="ClassName">What its classes in Transformers begin with.</param>
/// <param name="Head">The head of its sequence classifiers.</param>
internal sealed record EncoderFamily(string Name, string ClassName, HeadShape Head)
{
    /// <summary>Devlin et al. 2019, arXiv:1810.04805; MiniLM and most sentence encoders are this too.</summary>
    public static readonly EncoderFamily Bert = new("bert", "Bert", new HeadShape("bert.pooler.dense", "tanh", "classifier"));

    /// <summary>Liu et al. 2019, arXiv:1907.11692: positions are counted from the row behind the padding token's.</summary>
    public static readonly EncoderFamily Roberta = new("roberta", "Roberta", new HeadShape("classifier.dense", "tanh", "classifier.out_proj")) { PositionsFollowPadding = true };

    /// <summary>Clark et al. 2020, arXiv:2003.10555: embeddings may be narrower than the blocks.</summary>
    public static readonly EncoderFamily Electra = new("electra", "Electra", new HeadShape("classifier.dense", "gelu", "classifier.out_proj")) { EmbeddingSizeKey = "embedding_size" };

    /// <summary>Sanh et al. 2019, arXiv:1910.01108: no token types.</summary>
    public static readonly EncoderFamily DistilBert = new("distilbert", "DistilBert", new HeadShape("pre_classifier", "relu", "classifier"))
    {
        WidthKey = "dim",
        LayersKey = "n_layers",
        HeadsKey = "n_heads",
        InnerWidthKey = "hidden_dim",
        ActivationKey = "activation",
        HasTokenTypes = false,
        Blocks = "transformer.layer",
        Query = "attention.q_lin",
        Key = "attention.k_lin",
        Value = "attention.v_lin",
        AttentionOutput = "attention.out_lin",
        AttentionNorm = "sa_layer_norm",
        Expand = "ffn.lin1",
        Contract = "ffn.lin2",
        OutputNorm = "output_layer_norm",
    };

    /// <summary>Every family that is built, by its name.</summary>
    public static readonly IReadOnlyDictionary<string, EncoderFamily> All =
        new[] { Bert, Roberta, Electra, DistilBert }.ToDictionary(family => family.Name, StringComparer.Ordinal);

    // Settings of config.json.
    public string WidthKey { get; init; } = "hidden_size";
    public string LayersKey { get; init; } = "num_hidden_layers";
    public string HeadsKey { get; init; } = "num_attention_heads";
    public string InnerWidthKey { get; init; } = "intermediate_size";
    public string ActivationKey { get; init; } = "hidden_act";
    public string? EmbeddingSizeKey { get; init; }
    public bool HasTokenTypes { get; init; } = true;
    public bool PositionsFollowPadding { get; init; }

    // Weights, below the family's name and below a block's number.
    public string Blocks { get; init; } = "encoder.layer";
    public string Query { get; init; } = "attention.self.query";
    public string Key { get; init; } = "attention.self.key";
    public string Value { get; init; } = "attention.self.value";
    public string AttentionOutput { get; init; } = "attention.output.dense";
    public string AttentionNorm { get; init; } = "attention.output.LayerNorm";
    public string Expand { get; init; } = "intermediate.dense";
    public string Contract { get; init; } = "output.dense";
    public string OutputNorm { get; init; } = "output.LayerNorm";

    /// <summary>Reads a config.json.</summary>
    public EncoderConfig Read(ConfigReader config)
    {
        config.Refuse("is_decoder");
        config.Refuse("add_cross_attention");
        config.Refuse("position_embedding_type", kind => kind.ToString() == "absolute");
        config.Ignore("attention_probs_dropout_prob", "hidden_dropout_prob", "dropout", "qa_dropout", "seq_classif_dropout", "summary_last_dropout", "tie_word_embeddings", "tie_weights_",
            "sinusoidal_pos_embds", "directionality", "classifier_pooling", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type");
        int vocabulary = config.Count("vocab_size"), padding = config.Row("pad_token_id", vocabulary), width = config.Count(WidthKey), positions = config.Count("max_position_embeddings", 512);
        int first = PositionsFollowPadding ? padding + 1 : 0;
        if (positions <= first) config.Problem("max_position_embeddings", $"is {positions}; positions begin at row {first}, so there must be more.");
        return new EncoderConfig(this)
        {
            VocabularySize = vocabulary,
            PaddingToken = padding,
            Positions = positions,
            FirstPosition = first,
            ContextLength = Math.Max(1, positions - first),
            Width = width,
            EmbeddingWidth = EmbeddingSizeKey is { } key ? config.Count(key, width) : width,
            Layers = config.Count(LayersKey),
            Heads = config.Count(HeadsKey),
            InnerWidth = config.Count(InnerWidthKey),
            TokenTypes = HasTokenTypes ? config.Count("type_vocab_size", 2) : 0,
            Activation = Activation.Read(config, ActivationKey, "gelu"),
            LayerNormEpsilon = HasTokenTypes ? (float)config.Positive("layer_norm_eps", 1e-12) : 1e-12f,
            InitializerRange = (float)config.Positive("initializer_range", 0.02),
        };
    }
}
