using Leftover.Tokenization;

namespace Leftover.Data;

/// <summary>Conversations written as one text: "\n\nHuman: …\n\nAssistant: …" and the tagged turns of the A-LoL files.</summary>
internal static class Transcript
{
    /// <summary>What begins an answer.</summary>
    public const string AssistantTag = "\n\nAssistant:";

    private const string HumanTag = "\n\nHuman:";

    private static readonly (string Tag, string Role)[] _tags = [("<|prompter|>", "user"), ("<|assistant|>", "assistant"), ("<|system|>", "system")];

    /// <summary>True for a text that begins with a turn of the human and has one of the assistant.</summary>
    public static bool IsOne(string text) =>
        text.AsSpan().TrimStart().StartsWith("Human:", StringComparison.Ordinal) && text.Contains(AssistantTag, StringComparison.Ordinal);

    /// <summary>The turns of a text that may end with an open turn of the assistant, which is left away. Contents are trimmed.</summary>
    /// <exception cref="RowException">The text is no transcript.</exception>
    public static List<ChatMessage> Read(string name, string text)
    {
        List<ChatMessage> turns = [];
        string rest = "\n\n" + text.TrimStart();
        while (rest.Length > 0)
        {
            bool isHuman = rest.StartsWith(HumanTag, StringComparison.Ordinal);
            if (!isHuman && !rest.StartsWith(AssistantTag, StringComparison.Ordinal))
                throw new RowException($"'{name}' does not begin with \"Human:\" or \"Assistant:\" but with \"{Row.Snippet(text)}\".");
            int start = (isHuman ? HumanTag : AssistantTag).Length;
            int end = NextTag(rest, start);
            turns.Add(new ChatMessage(isHuman ? "user" : "assistant", rest[start..end].Trim()));
            rest = rest[end..];
        }

        if (turns[^1] is { Role: "assistant", Content: "" }) turns.RemoveAt(turns.Count - 1);
        return turns;
    }

    /// <summary>The turns of a list of tagged texts; the last one must be an open turn of the assistant, which is left away.</summary>
    /// <exception cref="RowException">A text has no tag, or the last turn is not open.</exception>
    public static List<ChatMessage> ReadTagged(string name, IReadOnlyList<string> texts)
    {
        List<ChatMessage> turns = [];
        for (int i = 0; i < texts.Count; i++)
        {
            (string tag, string role) = _tags.FirstOrDefault(t => texts[i].StartsWith(t.Tag, StringComparison.Ordinal));
            if (tag is null) throw new RowException($"'{name}[{i}]' begins with \"{Row.Snippet(texts[i])}\"; it must begin with {string.Join(", ", _tags.Select(t => t.Tag))}.");
            turns.Add(new ChatMessage(role, texts[i][tag.Length..]));
        }

        if (turns.Count == 0 || turns[^1] is not { Role: "assistant", Content: var open } || open.Trim().Length > 0)
            throw new RowException($"'{name}' does not end with an open \"<|assistant|>\" turn; the completion belongs after it.");
        turns.RemoveAt(turns.Count - 1);
        return turns;
    }

    private static int NextTag(string text, int start)
    {
        int human = text.IndexOf(HumanTag, start, StringComparison.Ordinal);
        int assistant = text.IndexOf(AssistantTag, start, StringComparison.Ordinal);
        if (human < 0) return assistant < 0 ? text.Length : assistant;
        return assistant < 0 ? human : Math.Min(human, assistant);
    }
}
