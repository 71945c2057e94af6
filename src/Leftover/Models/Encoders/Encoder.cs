using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models.Layers;
using Leftover.Tensors;

namespace Leftover.Models.Encoders;

/// <summary>An encoder of BERT's kin: every token sees its whole sequence; learned positions, a norm behind each branch.</summary>
public sealed class Encoder : TransformerModel
{
    private readonly Weight _tokens, _positions;
    private readonly Weight? _types;
    private readonly LayerNormLayer _norm;
    private readonly LinearLayer? _widen;
    private readonly EncoderBlock[] _blocks;

    internal Encoder(EncoderConfig config, JsonObject configJson) : base(new WeightSet(), config.Family, configJson)
    {
        Config = config;
        WeightScope weights = Weights.Root[BasePrefix], embeddings = weights["embeddings"];
        _tokens = embeddings["word_embeddings"].Matrix("weight", config.VocabularySize, config.EmbeddingWidth);
        _positions = embeddings["position_embeddings"].Matrix("weight", config.Positions, config.EmbeddingWidth);
        _types = config.TokenTypes == 0 ? null : embeddings["token_type_embeddings"].Matrix("weight", config.TokenTypes, config.EmbeddingWidth);
        _norm = new LayerNormLayer(embeddings["LayerNorm"], config.EmbeddingWidth, config.LayerNormEpsilon);
        _widen = config.EmbeddingWidth == config.Width ? null : new LinearLayer(weights["embeddings_project"], config.EmbeddingWidth, config.Width, bias: true);
        _blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => new EncoderBlock(config, weights[config.Names.Blocks][layer]))];
    }

    /// <inheritdoc/>
    public override EncoderConfig Config { get; }

    /// <summary>Loads the encoder out of a folder in Hugging Face layout; heads that lie there are left aside.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="trainable">Whether gradients get memory, as much as the weights.</param>
    /// <exception cref="DataException">There are no weights; the family or a setting is not supported; tensors are missing, misshapen or cut; all of a kind at once.</exception>
    public static Encoder Load(string path, bool trainable = false)
    {
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            List<string> notes = [];
            var encoder = new Encoder(EncoderConfig.Parse(checkpoint.Config, checkpoint.ConfigPlace, notes), checkpoint.Config);
            try
            {
                WeightLoader.Load(encoder, checkpoint.Weights, checkpoint.Path, trainable, notes);
                encoder.Notes = notes;
                return encoder;
            }
            catch
            {
                encoder.Dispose();
                throw;
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or FileNotFoundException)
        {
            throw new DataException(broken.Message, broken);
        }
    }

    /// <summary>A new, trainable encoder with random weights.</summary>
    /// <param name="configJson">Its shape, as a config.json has it.</param>
    /// <param name="seed">Each weight's numbers follow from the seed and the weight's name.</param>
    public static Encoder Create(JsonObject configJson, long seed)
    {
        var encoder = new Encoder(EncoderConfig.Parse(configJson, "config"), configJson);
        encoder.Weights.Allocate(trainable: true);
        foreach (Weight weight in encoder.Weights.Weights) encoder.Initialize(weight, seed);
        return encoder;
    }

    /// <summary>Every token's state after the last block.</summary>
    /// <param name="texts">The batch; N tokens.</param>
    /// <returns>[N, C].</returns>
    /// <exception cref="ArgumentException">A sequence is longer than the context, or an id or type is outside its table.</exception>
    public Tensor Hidden(PackedTexts texts)
    {
        CheckBatch(texts.Tokens.Length, texts.Layout);
        Tensor x = Embed(texts);
        foreach (EncoderBlock block in _blocks) x = Tape.Current.Keep(x, input => block.Forward(input, texts.Layout));
        return x;
    }

    /// <summary>Each sequence's embedding: the mean of its tokens' states.</summary>
    /// <param name="texts">The batch; B sequences.</param>
    /// <returns>[B, C], not normalised.</returns>
    public Tensor MeanHidden(PackedTexts texts) => Hidden(texts).MeanBySegment(texts.Offsets());

    internal override Tensor States(PackedTexts texts, int[]? rows) => rows is null ? Hidden(texts) : Hidden(texts).GatherRows(rows);

    /// <summary>Older files carry the numbers of positions as a tensor.</summary>
    internal override bool IsKnownBuffer(string name) => name.EndsWith("embeddings.position_ids", StringComparison.Ordinal) || name.EndsWith("embeddings.token_type_ids", StringComparison.Ordinal);

    private Tensor Embed(PackedTexts texts)
    {
        int[] positions = [.. texts.Layout.Positions];
        for (int i = 0; i < positions.Length; i++) positions[i] += Config.FirstPosition;
        Tensor x = Residual.Add(Tensor.Embedding(_tokens, texts.Tokens, Config.PaddingToken), Tensor.Embedding(_positions, positions));
        if (_types is not null) x = Residual.Add(x, Tensor.Embedding(_types, texts.Types.Length > 0 ? texts.Types : new int[positions.Length]));
        x = _norm.Forward(x);
        return _widen is null ? x : _widen.Forward(x);
    }
}

/// <summary>norm(x + attention(x)), then norm(x + mlp(x)).</summary>
internal sealed class EncoderBlock(EncoderConfig config, WeightScope weights)
{
    private readonly LinearLayer _query = new(weights[config.Names.Query], config.Width, config.Width, bias: true);
    private readonly LinearLayer _key = new(weights[config.Names.Key], config.Width, config.Width, bias: true);
    private readonly LinearLayer _value = new(weights[config.Names.Value], config.Width, config.Width, bias: true);
    private readonly LinearLayer _output = new(weights[config.Names.AttentionOutput], config.Width, config.Width, bias: true);
    private readonly LayerNormLayer _attentionNorm = new(weights[config.Names.AttentionNorm], config.Width, config.LayerNormEpsilon);
    private readonly LinearLayer _expand = new(weights[config.Names.Expand], config.Width, config.InnerWidth, bias: true);
    private readonly LinearLayer _contract = new(weights[config.Names.Contract], config.InnerWidth, config.Width, bias: true);
    private readonly LayerNormLayer _outputNorm = new(weights[config.Names.OutputNorm], config.Width, config.LayerNormEpsilon);
    private readonly Func<Tensor, Tensor> _activation = Activation.Named(config.Activation);
    private readonly AttentionShape _shape = new(config.Heads, config.Heads, config.HeadDimension, (float)(1 / Math.Sqrt(config.HeadDimension)));

    /// <param name="x">The stream, [N, C]: the batch's N tokens, end to end; so is the result.</param>
    /// <param name="layout">Where each sequence lies.</param>
    public Tensor Forward(Tensor x, PackedLayout layout)
    {
        Tensor attended = Tensor.BidirectionalAttention(_query.Forward(x), 0, _key.Forward(x), 0, _value.Forward(x), 0, _shape, layout);
        x = _attentionNorm.Forward(Residual.Add(x, _output.Forward(attended)));

        Tensor active = _activation(_expand.Forward(x));
        Tensor change = _contract.Forward(active);
        active.Forget();
        return _outputNorm.Forward(Residual.Add(x, change));
    }
}
