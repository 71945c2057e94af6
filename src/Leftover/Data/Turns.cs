using System.Text;
using System.Text.Json;
using Leftover.Tokenization;

namespace Leftover.Data;

/// <summary>Reads lists of turns: {role, content}, and ShareGPT's {from, value}.</summary>
internal static class Turns
{
    private static readonly Dictionary<string, string> _roles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["system"] = "system",
        ["developer"] = "system",
        ["user"] = "user",
        ["human"] = "user",
        ["prompter"] = "user",
        ["assistant"] = "assistant",
        ["gpt"] = "assistant",
        ["chatgpt"] = "assistant",
        ["bot"] = "assistant",
        ["model"] = "assistant",
        ["tool"] = "tool",
        ["function"] = "tool",
        ["observation"] = "tool",
        ["function_response"] = "tool",
    };

    /// <summary>The turns of a list.</summary>
    /// <param name="name">The column, for messages.</param>
    /// <param name="list">The value.</param>
    /// <param name="role">The key that names the speaker.</param>
    /// <param name="content">The key that holds the text.</param>
    /// <exception cref="RowException">It is no list of turns.</exception>
    public static List<ChatMessage> Read(string name, JsonElement list, string role = "role", string content = "content")
    {
        if (list.ValueKind != JsonValueKind.Array) throw Row.WrongType(name, list, $"a list of turns {{\"{role}\": …, \"{content}\": …}}");
        if (list.GetArrayLength() == 0) throw new RowException($"'{name}' is an empty list; it must hold at least one turn.");
        List<ChatMessage> turns = [];
        foreach (JsonElement turn in list.EnumerateArray())
        {
            string place = $"{name}[{turns.Count}]";
            if (turn.ValueKind != JsonValueKind.Object) throw Row.WrongType(place, turn, $"a turn {{\"{role}\": …, \"{content}\": …}}");
            if (!turn.TryGetProperty(role, out JsonElement speaker) || speaker.ValueKind != JsonValueKind.String)
                throw new RowException($"'{place}' has no '{role}'; a turn is {{\"{role}\": …, \"{content}\": …}}.");
            if (!_roles.TryGetValue(speaker.GetString()!, out string? known))
                throw new RowException($"'{place}.{role}' is '{speaker.GetString()}'; it must be one of {string.Join(", ", _roles.Keys)}.");
            turns.Add(new ChatMessage(known, Content(place, turn, content)));
        }

        return turns;
    }

    /// <summary>The last turn, which must be the assistant's, and those before it.</summary>
    public static (IReadOnlyList<ChatMessage> Prompt, string Completion) SplitLast(string name, List<ChatMessage> turns)
    {
        if (turns[^1].Role != "assistant") throw new RowException($"'{name}' ends with a turn of the {turns[^1].Role}; its last turn is the completion and must be the assistant's.");
        return (turns[..^1], turns[^1].Content);
    }

    private static string Content(string place, JsonElement turn, string content)
    {
        if (!turn.TryGetProperty(content, out JsonElement value) || value.ValueKind == JsonValueKind.Null) throw new RowException($"'{place}' has no '{content}'.");
        if (value.ValueKind == JsonValueKind.String) return value.GetString()!;
        if (value.ValueKind != JsonValueKind.Array) throw Row.WrongType($"{place}.{content}", value, "a text, or a list of {\"type\": \"text\", \"text\": …}");

        StringBuilder text = new();
        foreach (JsonElement part in value.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("text", out JsonElement piece) || piece.ValueKind != JsonValueKind.String)
                throw new RowException($"'{place}.{content}' holds a part that is no text; only texts can be learnt from here.");
            text.Append(piece.GetString());
        }

        return text.ToString();
    }
}
