using Leftover.Data;
using Leftover.Generation;
using Leftover.Tokenization;

namespace Leftover.Cli;

/// <summary>Prompts as token ids that leave room for a reply: a longer one loses its beginning, which is said, or is an error.</summary>
internal sealed class PromptIds(Session session, LoadedModel loaded, GenerationOptions options, bool strict)
{
    // A reply may take half of the context; a prompt has what is left.
    private readonly int _room = loaded.Model.Config.ContextLength - Math.Min(options.MaxNewTokens, loaded.Model.Config.ContextLength / 2);

    /// <summary>How many prompts were cut.</summary>
    public int Cut { get; private set; }

    /// <summary>The ids of a conversation.</summary>
    public int[] Of(IReadOnlyList<ChatMessage> messages, string subject = "The prompt") => Of(loaded.Template.RenderPrompt(messages), subject);

    /// <summary>The ids of a row's prompt.</summary>
    public int[] Of(Example row, IReadOnlyList<ChatMessage> before)
    {
        if (row.PromptIds is { } ids) return ids;
        string subject = $"{row.File}({row.Line}): the prompt";
        return row.Prompt.Count == 0 ? Of(row.PromptText, subject) : Of(row.Prompt[0].Role == "system" ? row.Prompt : [.. before, .. row.Prompt], subject);
    }

    private int[] Of(string text, string subject)
    {
        int[] ids = loaded.PromptIds(text, _room, out bool cut);
        if (!cut) return ids;
        int whole = loaded.PromptIds(text, int.MaxValue, out _).Length;
        string found = $"{subject} has {whole} tokens; the model's context of {loaded.Model.Config.ContextLength} leaves room for {_room} beside the reply.";
        if (strict) throw new DataException($"{found} Shorten it, lower --max_new_tokens, or leave out --strict to cut its beginning.");
        if (Cut++ == 0) session.Observer.Warn($"{found} Its beginning was cut.");
        return ids;
    }
}
