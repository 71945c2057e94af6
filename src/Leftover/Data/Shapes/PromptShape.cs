using System.Text.Json;
using Leftover.Tokenization;

namespace Leftover.Data.Shapes;

/// <summary>A row's prompt: a text, a transcript, or a list of turns.</summary>
internal static class PromptShape
{
    /// <summary>A row that is a prompt alone.</summary>
    public static Example Read(Row row, ExampleFactory factory)
    {
        (IReadOnlyList<ChatMessage> prompt, bool isChat) = Prompt(row);
        return factory.PromptOnly(row, prompt, isChat);
    }

    /// <summary>The prompt of <c>prompt</c>, or of <c>messages</c> where there is none.</summary>
    /// <exception cref="RowException">There is no usable prompt.</exception>
    public static (IReadOnlyList<ChatMessage> Prompt, bool IsChat) Prompt(Row row)
    {
        string column = !row.Has("prompt") && row.Has("messages") ? "messages" : "prompt";
        string name = row.NameOf(column);
        JsonElement value = row.Required(column, "a text or a list of turns {\"role\": …, \"content\": …}");
        if (value.ValueKind == JsonValueKind.Array && (column == "messages" || IsTurns(value))) return (Turns.Read(name, value), true);

        string text = row.Text(column);
        if (string.IsNullOrWhiteSpace(text)) throw new RowException($"'{name}' is empty; a completion without a prompt belongs into a column 'text'.");
        return Transcript.IsOne(text) ? (Transcript.Read(name, text), true) : ([new ChatMessage("user", text)], false);
    }

    /// <summary>In CSV a text may begin with a bracket and be no list of turns.</summary>
    private static bool IsTurns(JsonElement list) => list.EnumerateArray().All(t => t.ValueKind == JsonValueKind.Object);
}
