using Leftover.Data;
using Leftover.Models.Classification;
using Leftover.Tokenization;

namespace Leftover.Models.Encoders;

/// <summary>An encoder with its tokenizer: texts in, embeddings of length 1 out, the mean of the tokens' states.</summary>
/// <remarks>Reimers &amp; Gurevych 2019, arXiv:1908.10084.</remarks>
public sealed class TextEmbedder : IDisposable
{
    private readonly Encoder _model;
    private readonly TextEncoder _encoder;

    private TextEmbedder(Encoder model, TextEncoder encoder) => (_model, _encoder) = (model, encoder);

    /// <summary>Loads an encoder's folder.</summary>
    /// <param name="folder">A folder in Hugging Face layout with an encoder and its tokenizer.</param>
    /// <param name="maxTokens">Tokens of a text, at most; null for the model's limit. Longer texts lose their end.</param>
    /// <exception cref="DataException">It holds no encoder or no tokenizer that can be read, or the two do not fit.</exception>
    public static TextEmbedder Load(string folder, int? maxTokens = null)
    {
        Tokenizer tokenizer = Tokenizer.Load(folder);
        Encoder model = Encoder.Load(folder);
        try
        {
            model.CheckVocabulary(tokenizer);
            return new TextEmbedder(model, new TextEncoder(tokenizer, new TextForm { MaxTokens = maxTokens }, model.Config.ContextLength));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Each text's embedding, of length 1; the same text is computed once.</summary>
    public float[][] Embed(IReadOnlyList<string> texts)
    {
        string[] distinct = [.. texts.Distinct(StringComparer.Ordinal)];
        float[][] rows = TextPass.Rows([.. distinct.Select(text => _encoder.Encode("", text))], _model.MeanHidden, _model.ComputeType);
        Dictionary<string, float[]> byText = distinct.Zip(rows, (text, row) => (text, row: Normalized(row))).ToDictionary(pair => pair.text, pair => pair.row, StringComparer.Ordinal);
        return [.. texts.Select(text => byText[text])];
    }

    /// <summary>The cosine of two embeddings of length 1, in [−1, 1].</summary>
    public static double Cosine(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return Math.Clamp(sum, -1, 1);
    }

    private static float[] Normalized(float[] row)
    {
        double length = Math.Sqrt(row.Sum(x => (double)x * x));
        return length > 0 ? Array.ConvertAll(row, x => (float)(x / length)) : row;
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
