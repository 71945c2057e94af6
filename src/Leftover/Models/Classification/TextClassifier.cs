using Leftover.Data;
using Leftover.Tokenization;

namespace Leftover.Models.Classification;

/// <summary>A sequence classifier with its tokenizer: texts in, logits out.</summary>
public sealed class TextClassifier : IDisposable
{
    private readonly SequenceClassifier _model;
    private readonly TextEncoder _encoder;

    private TextClassifier(SequenceClassifier model, TextEncoder encoder) => (_model, _encoder) = (model, encoder);

    /// <summary>The labels' names.</summary>
    public IReadOnlyList<string> Labels => _model.LabelNames;

    /// <summary>True where the model's numbers are values and no scores of classes.</summary>
    public bool IsRegression => _model.Labels == 1;

    /// <summary>Loads a classifier's folder.</summary>
    /// <param name="folder">A folder in Hugging Face layout with a model, its head and its tokenizer.</param>
    /// <param name="form">How texts are written and cut; null takes what the folder says, else the answer alone, cut on the right.</param>
    /// <exception cref="DataException">It holds no classifier or no tokenizer that can be read, or the two do not fit.</exception>
    public static TextClassifier Load(string folder, TextForm? form = null)
    {
        Tokenizer tokenizer = Tokenizer.Load(folder);
        SequenceClassifier model = SequenceClassifier.Load(folder);
        try
        {
            model.CheckVocabulary(tokenizer);
            return new TextClassifier(model, new TextEncoder(tokenizer, form ?? TextForm.Of(folder) ?? new TextForm(), model.Config.ContextLength));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Each answer's logits.</summary>
    /// <param name="texts">Prompts, empty for none, and answers.</param>
    /// <returns>[labels] an answer.</returns>
    public float[][] Logits(IReadOnlyList<(string Prompt, string Answer)> texts) => TextPass.Logits(_model, [.. texts.Select(text => _encoder.Encode(text.Prompt, text.Answer))]);

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
