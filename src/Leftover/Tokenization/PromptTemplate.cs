namespace Leftover.Tokenization;

/// <summary>How a conversation is written out as a prompt, and how a completion begins and ends.</summary>
public abstract class PromptTemplate
{
    /// <summary>The name it is chosen by.</summary>
    public abstract string Name { get; }

    /// <summary>What stands between the prompt and the completion's own words; it is tokenised with the completion. Empty or a blank.</summary>
    public virtual string CompletionPrefix => "";

    /// <summary>What ends a completion: the text of a token, or empty where nothing does.</summary>
    public abstract string CompletionSuffix { get; }

    /// <summary>Texts at which a generated completion is cut, as they begin the next turn.</summary>
    public virtual IReadOnlyList<string> StopStrings => [];

    /// <summary>The conversation's text up to where the assistant's completion begins, including what announces it.</summary>
    /// <exception cref="ArgumentException">There is no message, or one has a role the template cannot write.</exception>
    public abstract string RenderPrompt(IReadOnlyList<ChatMessage> messages);

    /// <summary>The completion as it follows a prompt, without its suffix.</summary>
    public string RenderCompletion(string completion) => CompletionPrefix + completion;

    /// <summary>The completion's own words out of generated text: cut at the first stop string or suffix, less the prefix.</summary>
    public string ReadCompletion(string generated)
    {
        int end = generated.Length;
        foreach (string stop in StopStrings.Append(CompletionSuffix))
            if (stop.Length > 0 && generated.IndexOf(stop, StringComparison.Ordinal) is >= 0 and int at) end = Math.Min(end, at);
        string completion = generated[..end];
        return completion.StartsWith(CompletionPrefix, StringComparison.Ordinal) ? completion[CompletionPrefix.Length..] : completion;
    }

    /// <summary>The template of a name ("chatml", "transcript", "plain"); without a name, ChatML where the tokenizer has its tokens and a transcript elsewhere.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static PromptTemplate For(Tokenizer tokenizer, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        string end = tokenizer.EndOfSequence is { } id ? tokenizer.IdToToken(id) : "";
        return name switch
        {
            "chatml" => ChatMl.For(tokenizer),
            "transcript" => new Transcript(end),
            "plain" => new PlainText(end),
            null => ChatMl.Fits(tokenizer) ? ChatMl.For(tokenizer) : new Transcript(end),
            _ => throw new ArgumentException($"The template '{name}' is unknown. Known: chatml, transcript, plain.", nameof(name)),
        };
    }
}
