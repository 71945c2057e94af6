using System.Text;

namespace Leftover.Tokenization;

/// <summary>A plain transcript: turns under names, blank lines between, and the assistant's name at the end. For models without chat tokens.</summary>
/// <param name="suffix">What ends a completion; usually the text of the tokenizer's end of sequence. Default empty.</param>
public sealed class Transcript(string suffix = "") : PromptTemplate
{
    /// <summary>The name of the "user" role. Default "Human".</summary>
    public string User { get; init; } = "Human";

    /// <summary>The name of the "assistant" role. Default "Assistant".</summary>
    public string Assistant { get; init; } = "Assistant";

    /// <summary>What stands between two turns. Default a blank line.</summary>
    public string Separator { get; init; } = "\n\n";

    /// <inheritdoc/>
    public override string Name => "transcript";

    /// <summary>A blank: it stands after the assistant's colon, and belongs to the completion's first word.</summary>
    public override string CompletionPrefix => " ";

    /// <inheritdoc/>
    public override string CompletionSuffix => suffix;

    /// <inheritdoc/>
    public override IReadOnlyList<string> StopStrings => [$"{Separator}{User}:", $"{Separator}{Assistant}:"];

    /// <summary>Writes a "system" turn as a paragraph without a name; other roles than user and assistant stand under their own names.</summary>
    /// <inheritdoc/>
    public override string RenderPrompt(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count == 0) throw new ArgumentException("A prompt needs at least one message.", nameof(messages));
        var text = new StringBuilder();
        foreach ((string role, string content) in messages)
        {
            if (role != "system") text.Append(NameOf(role)).Append(": ");
            text.Append(content).Append(Separator);
        }
        return text.Append(Assistant).Append(':').ToString();
    }

    private string NameOf(string role) => role switch { "user" => User, "assistant" => Assistant, _ => role };
}
