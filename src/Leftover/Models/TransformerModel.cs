using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Tensors;
using Leftover.Tensors.Kernels;
using Leftover.Tokenization;

namespace Leftover.Models;

/// <summary>What every model has, whatever it is for: a shape, weights under their checkpoint's names, and hidden states. It computes in evaluation mode; there is no dropout.</summary>
public abstract class TransformerModel : IDisposable
{
    private protected TransformerModel(WeightSet weights, string basePrefix, JsonObject configJson) => (Weights, BasePrefix, ConfigJson) = (weights, basePrefix, configJson);

    /// <summary>The model's shape and switches.</summary>
    public abstract TransformerConfig Config { get; }

    /// <summary>All weights by their checkpoint's names, and their gradients where they are trained.</summary>
    public WeightSet Weights { get; }

    /// <summary>
    /// In what numbers the model's products multiply where it is trained and in frozen passes over logged completions: those open their tapes with it.
    /// Generation is float32 always. Default float32.
    /// </summary>
    public ComputeType ComputeType { get; set; }

    /// <summary>What loading left aside without harm; for the user to see.</summary>
    public IReadOnlyList<string> Notes { get; internal set; } = [];

    /// <summary>The config.json it was loaded from, whole, or the one its shape gives.</summary>
    public JsonObject ConfigJson { get; internal set; }

    /// <summary>The generation_config.json beside the weights, or null.</summary>
    public JsonObject? GenerationConfigJson { get; internal set; }

    /// <summary>What names of the body's weights begin with; files of bare bodies leave it out.</summary>
    internal string BasePrefix { get; }

    /// <summary>Hidden states as a head sees them, after the last norm.</summary>
    /// <param name="texts">The batch.</param>
    /// <param name="rows">Rows of the batch, [M]; null for all of them.</param>
    /// <returns>[M, C].</returns>
    internal abstract Tensor States(PackedTexts texts, int[]? rows);

    /// <summary>Refuses a tokenizer that knows more tokens than the model has rows. Fewer are allowed: the rows beyond are padding.</summary>
    /// <returns>What to tell the user where it knows fewer; null where the numbers are equal.</returns>
    /// <exception cref="DataException">The tokenizer knows more tokens than the model.</exception>
    public string? CheckVocabulary(Tokenizer tokenizer)
    {
        if (tokenizer.VocabularySize > Config.VocabularySize)
            throw new DataException($"The tokenizer knows {tokenizer.VocabularySize} tokens and the model {Config.VocabularySize}: they do not belong together. Give the tokenizer that the model was trained with.");
        return tokenizer.VocabularySize == Config.VocabularySize ? null
            : $"The tokenizer knows {tokenizer.VocabularySize} tokens and the model {Config.VocabularySize}; no text gives the model's last {Config.VocabularySize - tokenizer.VocabularySize}.";
    }

    /// <summary>Whether a tensor that no weight asks for is one that this family's files are known to carry.</summary>
    internal virtual bool IsKnownBuffer(string name) => false;

    /// <summary>Standard deviation of a new matrix.</summary>
    internal virtual double InitialDeviation(Weight weight) => Config.InitializerRange;

    /// <summary>Fills a weight as a new model has it: matrices N(0, <see cref="InitialDeviation"/>²), norms 1, biases 0.</summary>
    private protected void Initialize(Weight weight, long seed)
    {
        Span<float> values = weight.Tensor.Data;
        if (weight.IsVector)
        {
            values.Fill(weight.Name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0);
            return;
        }
        var random = new RandomStream(seed, weight.Name);
        double deviation = InitialDeviation(weight);
        foreach (ref float value in values) value = (float)(deviation * random.NextNormal());
    }

    /// <summary>Refuses a batch that the model cannot read.</summary>
    private protected void CheckBatch(int tokens, PackedLayout layout)
    {
        if (tokens != layout.Tokens)
            throw new ShapeException($"{Config.Family}: {tokens} tokens were given for a layout of {layout.Tokens}; there must be as many.");
        foreach (int position in layout.Positions)
        {
            if (position >= Config.ContextLength)
                throw new ArgumentException($"{Config.Family}: a sequence reaches position {position}, and the model's context is {Config.ContextLength} tokens. Cut prompts or completions shorter (--max_length).");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Weights.Dispose();
        GC.SuppressFinalize(this);
    }
}
