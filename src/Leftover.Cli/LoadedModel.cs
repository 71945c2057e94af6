using Leftover.Data;
using Leftover.Generation;
using Leftover.Models;
using Leftover.Tokenization;

namespace Leftover.Cli;

/// <summary>A model ready to answer: its weights, its tokenizer and the template its prompts are written in.</summary>
internal sealed class LoadedModel : IDisposable
{
    private LoadedModel(LanguageModel model, Tokenizer tokenizer, PromptTemplate template)
    {
        (Model, Tokenizer, Template) = (model, tokenizer, template);
        Generator = new Generator(model, tokenizer);
    }

    /// <summary>The model.</summary>
    public LanguageModel Model { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>How its prompts are written.</summary>
    public PromptTemplate Template { get; }

    /// <summary>What writes its completions.</summary>
    public Generator Generator { get; }

    /// <summary>Loads a model and what belongs to it.</summary>
    /// <param name="path">A folder in Hugging Face layout or a GGUF file.</param>
    /// <param name="tokenizer">The tokenizer's folder or GGUF file; null for the model's own.</param>
    /// <param name="template">The template's name; null or <c>auto</c> for the tokenizer's own, <c>none</c> for plain text.</param>
    /// <exception cref="DataException">One of them cannot be read, or they do not belong together.</exception>
    public static LoadedModel Load(string path, string? tokenizer, string? template)
    {
        LanguageModel model = LanguageModel.Load(path);
        try
        {
            Tokenizer words = Tokenizer.Load(tokenizer ?? path);
            PromptTemplate form = PromptTemplate.For(words, template switch { "auto" => null, "none" => "plain", _ => template });
            return new LoadedModel(model, words, form);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A conversation as token ids.</summary>
    /// <param name="messages">The conversation up to the reply.</param>
    /// <param name="maxTokens">The most tokens kept, the last ones.</param>
    /// <param name="cut">True where it was longer.</param>
    public int[] PromptIds(IReadOnlyList<ChatMessage> messages, int maxTokens, out bool cut) => PromptIds(Template.RenderPrompt(messages), maxTokens, out cut);

    /// <summary>A prompt that is written out already, as token ids.</summary>
    public int[] PromptIds(string text, int maxTokens, out bool cut) => new ExampleTokenizer(Tokenizer, Template, Math.Max(1, maxTokens), 1).Prompt(text, out cut);

    /// <inheritdoc/>
    public void Dispose()
    {
        Generator.Dispose();
        Model.Dispose();
    }
}
