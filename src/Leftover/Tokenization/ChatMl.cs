using System.Text;

namespace Leftover.Tokenization;

/// <summary>ChatML: each turn between <c>&lt;|im_start|&gt;role</c> and <c>&lt;|im_end|&gt;</c>, as SmolLM2 and Qwen have it.</summary>
public sealed class ChatMl : PromptTemplate
{
    private const string Start = "<|im_start|>";
    private const string End = "<|im_end|>";

    /// <summary>The system turn put in front where the conversation does not begin with one, or null for none. Default null.</summary>
    public string? DefaultSystem { get; init; }

    /// <inheritdoc/>
    public override string Name => "chatml";

    /// <inheritdoc/>
    public override string CompletionSuffix => End;

    /// <inheritdoc/>
    public override IReadOnlyList<string> StopStrings => [End];

    /// <summary>Whether the tokenizer has the tokens that begin and end a turn.</summary>
    public static bool Fits(Tokenizer tokenizer) => tokenizer.TokenToId(Start) is not null && tokenizer.TokenToId(End) is not null;

    /// <summary>ChatML with the default system turn that the tokenizer's own chat template has, if any.</summary>
    public static ChatMl For(Tokenizer tokenizer) => new() { DefaultSystem = DefaultSystemOf(tokenizer.ChatTemplate) };

    /// <inheritdoc/>
    public override string RenderPrompt(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count == 0) throw new ArgumentException("A prompt needs at least one message.", nameof(messages));
        var text = new StringBuilder();
        if (DefaultSystem is not null && messages[0].Role != "system") Turn(text, "system", DefaultSystem);
        foreach (ChatMessage message in messages) Turn(text, message.Role, message.Content);
        return text.Append(Start).Append("assistant\n").ToString();
    }

    /// <summary>The system turn that a chat template's source spells out, or null; a turn made of variables is not one.</summary>
    internal static string? DefaultSystemOf(string? template)
    {
        const string opening = Start + "system";
        for (int at = 0; template is not null && (at = template.IndexOf(opening, at, StringComparison.Ordinal)) >= 0;)
        {
            at += opening.Length;
            int begin = template.AsSpan(at).StartsWith("\\n") ? at + 2 : template.AsSpan(at).StartsWith("\n") ? at + 1 : -1;
            int end = begin < 0 ? -1 : template.IndexOf(End, begin, StringComparison.Ordinal);
            if (end >= 0 && Unescape(template[begin..end]) is { Length: > 0 } system) return system;
        }
        return null;
    }

    // The text of a Jinja string; null where the string ends inside, so that more than its text is shown.
    private static string? Unescape(string source)
    {
        var text = new StringBuilder();
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] is '\'' or '"' or '{' or '}') return null;
            if (source[i] == '\\' && i + 1 < source.Length) text.Append(source[++i] switch { 'n' => '\n', 't' => '\t', var other => other });
            else text.Append(source[i]);
        }
        return text.ToString();
    }

    private static void Turn(StringBuilder text, string role, string content) =>
        text.Append(Start).Append(role).Append('\n').Append(content).Append(End).Append('\n');
}
