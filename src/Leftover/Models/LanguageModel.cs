using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tokenization;

namespace Leftover.Models;

/// <summary>A causal language model: tokens in, ln π of the next ones out.</summary>
/// <remarks>
/// A family (one file each) says how tokens become the residual stream, what a block does to it and how it is normed at the end;
/// what all families do with that stands here. The passes run on the open <see cref="Tape"/>; where it does not record, a block's memory is
/// taken back as soon as the next one has its input.
/// </remarks>
public abstract class LanguageModel : TransformerModel
{
    /// <summary>Every family that is built, by its <c>model_type</c>; a new one is its file and a line here.</summary>
    private static readonly Dictionary<string, Func<ConfigReader, ModelConfig>> s_families = new(StringComparer.Ordinal)
    {
        ["gpt2"] = Gpt2Config.Read,
        ["llama"] = LlamaConfig.Read,
    };

    // A thousand tokens of a vocabulary of 50,000: with more, a training of SmolLM2 at 2,048 tokens would not fit in 3.8 GiB.
    private static readonly HeadOptions s_headOptions = new() { KeepBytes = 192L << 20 };

    private Weight? _head;
    private (Weight Weight, Weight Bias)? _valueHead;

    private protected LanguageModel(ModelConfig config, string basePrefix) : base(new WeightSet(), basePrefix, config.ToJson()) => Config = config;

    /// <summary>The names of the families that can be loaded.</summary>
    public static IReadOnlyCollection<string> Families => s_families.Keys;

    /// <inheritdoc/>
    public override ModelConfig Config { get; }

    /// <summary>Loads a model: a folder in Hugging Face layout, a GGUF file, or a folder whose only weights are one GGUF file.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="trainable">Whether gradients get memory, as much as the weights.</param>
    /// <param name="valueHead">Whether a value head stands beside the head of tokens; see <see cref="DeclareValueHead"/>.</param>
    /// <exception cref="DataException">There are no weights; the architecture or a setting is not supported; tensors are missing, misshapen or cut; all of a kind at once.</exception>
    public static LanguageModel Load(string path, bool trainable = false, bool valueHead = false)
    {
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            return Load(checkpoint, trainable, valueHead);
        }
        catch (Exception broken) when (broken is InvalidDataException or FileNotFoundException)
        {
            throw new DataException(broken.Message, broken);
        }
    }

    /// <summary>Finds out, without reading a weight, whether a model can be loaded and whether a tokenizer goes with it.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="tokenizer">The tokenizer it will be used with; null leaves that open.</param>
    /// <exception cref="DataException">What <see cref="Load(string, bool, bool)"/> would throw, but for bytes that only reading shows to be broken; or the tokenizer knows more tokens than the model.</exception>
    public static void Check(string path, Tokenizer? tokenizer = null)
    {
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            using LanguageModel model = ModelConfig.Parse(checkpoint.Config, checkpoint.ConfigPlace).Build();
            WeightLoader.Check(model, checkpoint.Weights, checkpoint.Path);
            if (tokenizer is not null) model.CheckVocabulary(tokenizer);
        }
        catch (Exception broken) when (broken is InvalidDataException or FileNotFoundException)
        {
            throw new DataException(broken.Message, broken);
        }
    }

    internal static LanguageModel Load(Checkpoint checkpoint, bool trainable, bool valueHead = false)
    {
        List<string> notes = [];
        LanguageModel model = ModelConfig.Parse(checkpoint.Config, checkpoint.ConfigPlace, notes).Build();
        try
        {
            if (valueHead) model.DeclareValueHead();
            WeightLoader.Load(model, checkpoint.Weights, checkpoint.Path, trainable, notes);
            model.ConfigJson = checkpoint.Config;
            model.GenerationConfigJson = checkpoint.GenerationConfig;
            model.Notes = notes;
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A new, trainable model with random weights: matrices N(0, <see cref="TransformerConfig.InitializerRange"/>²), norms 1, biases 0.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Each weight's numbers follow from the seed and the weight's name.</param>
    public static LanguageModel Create(ModelConfig config, long seed)
    {
        LanguageModel model = config.Build();
        model.Weights.Allocate(trainable: true);
        Parallel.ForEach(model.Weights.Weights, weight => model.Initialize(weight, seed));
        return model;
    }

    /// <summary>The residual stream after the last block, before the final norm.</summary>
    /// <param name="tokens">Token ids of the whole batch, end to end, [N].</param>
    /// <param name="layout">Where each sequence lies.</param>
    /// <param name="observer">Told each stage: 0 is what enters the first block, j the output of block j − 1; [N, C] each, to be read at once.</param>
    /// <returns>[N, C].</returns>
    /// <exception cref="ArgumentException">The layout has another number of tokens, a sequence is longer than the context, or an id is outside the vocabulary.</exception>
    public Tensor Hidden(ReadOnlySpan<int> tokens, PackedLayout layout, Action<int, Tensor>? observer = null)
    {
        CheckBatch(tokens.Length, layout);
        Tensor x = Embed(tokens, layout);
        observer?.Invoke(0, x);
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            int number = layer;
            x = Tape.Current.Keep(x, input => Block(number, input, layout));
            observer?.Invoke(layer + 1, x);
        }
        layout.Cache?.Advance(layout);
        return x;
    }

    /// <summary>The chosen rows after the final norm: what the head sees.</summary>
    /// <param name="tokens">Token ids of the whole batch, end to end, [N].</param>
    /// <param name="layout">Where each sequence lies.</param>
    /// <param name="rows">Rows of the batch, [M]; one may come several times.</param>
    /// <returns>[M, C].</returns>
    public Tensor FinalHidden(ReadOnlySpan<int> tokens, PackedLayout layout, ReadOnlySpan<int> rows) =>
        FinalNorm(Hidden(tokens, layout).GatherRows(rows));

    /// <summary>ln π(target) at each chosen row, in nats; no [M, V] matrix is held.</summary>
    /// <param name="tokens">Token ids of the whole batch, end to end, [N].</param>
    /// <param name="layout">Where each sequence lies.</param>
    /// <param name="rows">Rows of the batch that predict, [M]; a prompt's last row comes once for each of its completions.</param>
    /// <param name="targets">The token each of them predicts, [M].</param>
    /// <returns>[M].</returns>
    public Tensor TokenLogProbs(ReadOnlySpan<int> tokens, PackedLayout layout, ReadOnlySpan<int> rows, ReadOnlySpan<int> targets) =>
        TokenLogProbs(FinalHidden(tokens, layout, rows), targets);

    /// <summary>ln π(target) of hidden states that are already there, in nats.</summary>
    /// <param name="finalHidden">Rows of <see cref="FinalHidden"/>, [M, C].</param>
    /// <param name="targets">The token each of them predicts, [M].</param>
    /// <param name="logSumSquares">Where ln Σ_v π(v)² at each row goes, [M]; null does not compute it.</param>
    /// <returns>[M].</returns>
    public Tensor TokenLogProbs(Tensor finalHidden, ReadOnlySpan<int> targets, float[]? logSumSquares = null) =>
        Tensor.TokenLogProbs(finalHidden, Head, null, targets, s_headOptions, logSumSquares);

    /// <summary>ln π(target) at each chosen row, and the value there where the model has a value head.</summary>
    /// <param name="tokens">Token ids of the whole batch, end to end, [N].</param>
    /// <param name="layout">Where each sequence lies.</param>
    /// <param name="rows">Rows of the batch that predict, [M].</param>
    /// <param name="targets">The token each of them predicts, [M].</param>
    /// <param name="logSumSquares">Where ln Σ_v π(v)² at each row goes, [M]; null does not compute it.</param>
    /// <returns>[M] each.</returns>
    public (Tensor LogProbs, Tensor? Values) TokenOutputs(ReadOnlySpan<int> tokens, PackedLayout layout, ReadOnlySpan<int> rows, ReadOnlySpan<int> targets, float[]? logSumSquares = null)
    {
        Tensor hidden = FinalHidden(tokens, layout, rows);
        return (TokenLogProbs(hidden, targets, logSumSquares), TokenValues(hidden));
    }

    /// <summary>What the value head says of hidden states, w·h + b; null without one.</summary>
    /// <param name="finalHidden">Rows of <see cref="FinalHidden"/>, [M, C].</param>
    /// <returns>[M].</returns>
    public Tensor? TokenValues(Tensor finalHidden) => _valueHead is { } head ? finalHidden.Linear(head.Weight, head.Bias).Flatten() : null;

    /// <summary>Puts a value head beside the head of tokens: one linear unit on the final hidden states, trained with the policy and no part of its saved model. It begins at 0.</summary>
    /// <exception cref="InvalidOperationException">The weights already have their memory.</exception>
    public void DeclareValueHead() =>
        _valueHead = (Weights.Root["value_head"].Matrix("weight", 1, Config.Width).KeepBeside(), Weights.Root["value_head"].Vector("bias", 1).KeepBeside());

    /// <summary>The logits of all tokens at each chosen row.</summary>
    /// <param name="tokens">Token ids of the whole batch, end to end, [N].</param>
    /// <param name="layout">Where each sequence lies.</param>
    /// <param name="rows">Rows of the batch, [M].</param>
    /// <returns>[M, V].</returns>
    public Tensor Logits(ReadOnlySpan<int> tokens, PackedLayout layout, ReadOnlySpan<int> rows) =>
        FinalHidden(tokens, layout, rows).Linear(Head);

    /// <summary>An empty cache for generation.</summary>
    /// <param name="slots">Sequences at once.</param>
    /// <param name="capacity">Tokens of each, at most.</param>
    /// <param name="narrow">True rounds keys and values to bfloat16, in half the memory.</param>
    public KeyValueCache NewCache(int slots, int capacity, bool narrow = false) => new(Config.Layers, slots, capacity, Config.KeyValueHeads * Config.HeadDimension, narrow);

    internal override Tensor States(PackedTexts texts, int[]? rows)
    {
        Tensor hidden = Hidden(texts.Tokens, texts.Layout);
        return FinalNorm(rows is null ? hidden : hidden.GatherRows(rows));
    }

    /// <summary>What enters the first block, [N, C].</summary>
    protected abstract Tensor Embed(ReadOnlySpan<int> tokens, PackedLayout layout);

    /// <summary>One block: the residual stream in and out, [N, C].</summary>
    protected abstract Tensor Block(int layer, Tensor x, PackedLayout layout);

    /// <summary>The norm before the head, [M, C].</summary>
    protected abstract Tensor FinalNorm(Tensor x);

    /// <summary>Declares the head, or shares the embedding where the config ties them.</summary>
    private protected void DeclareHead(Weight embedding) =>
        _head = (Config.TiedHead ? embedding : Weights.Root["lm_head"].Matrix("weight", Config.VocabularySize, Config.Width)).UseInProducts(ProductForm.OutIn);

    internal static Func<ConfigReader, ModelConfig> FamilyOf(JsonObject json, string place)
    {
        string? name = json["model_type"]?.ToString();
        if (name is not null && s_families.TryGetValue(name, out Func<ConfigReader, ModelConfig>? family)) return family;
        string found = name is null ? "has no model_type" : $"has model_type \"{name}\", which is not supported";
        string hint = Spelling.Hint(name ?? "", s_families.Keys);
        throw new DataException($"{place} {found}{(hint.Length == 0 ? "." : hint)} Known: {string.Join(", ", s_families.Keys)}.");
    }

    private Tensor Head => _head ?? throw new InvalidOperationException("The model was built without its language model head.");
}
