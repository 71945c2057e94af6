namespace Leftover.Tokenization;

/// <summary>Which side of a text is dropped where it is too long.</summary>
public enum TruncationSide
{
    /// <summary>The beginning is dropped, the end is kept.</summary>
    Left,

    /// <summary>The end is dropped, the beginning is kept.</summary>
    Right,
}

/// <summary>Tokenises prompts and completions apart from each other, and cuts them to length.</summary>
/// <remarks>
/// A prompt loses its beginning (or its end), a completion its end. The template's end, or else the end of sequence, is put behind a
/// completion before it is cut: a completion that was cut has no end, so the model is not taught to stop where the text went on.
/// </remarks>
public sealed class ExampleTokenizer
{
    private readonly Tokenizer _tokenizer;
    private readonly PromptTemplate _template;
    private readonly int _maxPromptTokens;
    private readonly int _maxCompletionTokens;
    private readonly TruncationSide _promptSide;
    private readonly int[] _end;

    /// <summary>A tokenizer of examples.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="template">How prompts are written out, and what ends a completion.</param>
    /// <param name="maxPromptTokens">The longest prompt, in tokens, the begin of sequence included; at least 1.</param>
    /// <param name="maxCompletionTokens">The longest completion, in tokens, its end included; at least 1.</param>
    /// <param name="promptSide">Which side of a long prompt is dropped. Default left.</param>
    /// <exception cref="ArgumentOutOfRangeException">A length is below 1.</exception>
    public ExampleTokenizer(Tokenizer tokenizer, PromptTemplate template, int maxPromptTokens, int maxCompletionTokens, TruncationSide promptSide = TruncationSide.Left)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPromptTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCompletionTokens, 1);
        (_tokenizer, _template, _maxPromptTokens, _maxCompletionTokens, _promptSide) = (tokenizer, template, maxPromptTokens, maxCompletionTokens, promptSide);
        _end = EndOf(tokenizer, template);
    }

    /// <summary>The ids put behind a completion that is not cut.</summary>
    public IReadOnlyList<int> CompletionEnd => _end;

    /// <summary>Tokenises one example.</summary>
    /// <param name="messages">The conversation up to the completion.</param>
    /// <param name="completion">The assistant's answer, without any end.</param>
    public TokenizedExample Tokenize(IReadOnlyList<ChatMessage> messages, string completion) => Tokenize(_template.RenderPrompt(messages), completion);

    /// <summary>Tokenises one example whose prompt is already written out.</summary>
    /// <param name="promptText">The prompt as <see cref="PromptTemplate.RenderPrompt"/> gives it.</param>
    /// <param name="completion">The assistant's answer, without any end.</param>
    public TokenizedExample Tokenize(string promptText, string completion)
    {
        int[] prompt = Prompt(promptText, out bool promptCut);
        int[] whole = CompletionTokens(completion);
        bool completionCut = whole.Length > _maxCompletionTokens;
        return new TokenizedExample(prompt, completionCut ? whole[.._maxCompletionTokens] : whole, promptCut, completionCut);
    }

    /// <summary>The ids of a prompt that is already written out.</summary>
    /// <param name="promptText">The prompt as <see cref="PromptTemplate.RenderPrompt"/> gives it.</param>
    /// <param name="cut">Whether it was too long.</param>
    public int[] Prompt(string promptText, out bool cut)
    {
        int[] text = _tokenizer.Encode(promptText);
        IReadOnlyList<int> leading = _tokenizer.LeadingSpecialTokens;
        if (leading.Count > 0 && text.AsSpan().StartsWith([.. leading])) text = text[leading.Count..];       // the template wrote it out: once is enough

        int room = Math.Max(0, _maxPromptTokens - leading.Count);
        cut = text.Length > room;
        ReadOnlySpan<int> kept = !cut ? text : _promptSide == TruncationSide.Left ? text.AsSpan(text.Length - room) : text.AsSpan(0, room);
        return [.. leading.Take(_maxPromptTokens), .. kept];
    }

    private int[] CompletionTokens(string completion)
    {
        string text = _template.RenderCompletion(completion);
        // A tokenizer that puts a blank in front itself would make two of the template's.
        if (_tokenizer.AddsLeadingBlank && text.StartsWith(' ')) text = text[1..];
        return [.. _tokenizer.Encode(text), .. _end];
    }

    private static int[] EndOf(Tokenizer tokenizer, PromptTemplate template)
    {
        string suffix = template.CompletionSuffix;
        if (suffix.Length == 0) return [];
        return tokenizer.TokenToId(suffix) is { } id ? [id] : tokenizer.Encode(suffix);
    }
}
