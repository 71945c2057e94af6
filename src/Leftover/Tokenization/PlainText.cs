namespace Leftover.Tokenization;

/// <summary>The prompt as it is. For data that is already written out, and for tasks that are no conversation.</summary>
/// <param name="suffix">What ends a completion; usually the text of the tokenizer's end of sequence. Default empty.</param>
public sealed class PlainText(string suffix = "") : PromptTemplate
{
    /// <inheritdoc/>
    public override string Name => "plain";

    /// <inheritdoc/>
    public override string CompletionSuffix => suffix;

    /// <summary>The messages' contents, one after the other, without roles or anything between.</summary>
    /// <inheritdoc/>
    public override string RenderPrompt(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return string.Concat(messages.Select(message => message.Content));
    }
}
