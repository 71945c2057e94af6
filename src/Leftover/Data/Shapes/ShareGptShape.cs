using Leftover.Tokenization;

namespace Leftover.Data.Shapes;

/// <summary><c>conversations</c>: turns {from, value}, the last one the assistant's; a <c>system</c> text where there is one.</summary>
internal static class ShareGptShape
{
    public static Example Read(Row row, ExampleFactory factory)
    {
        string name = row.NameOf("conversations");
        List<ChatMessage> turns = Turns.Read(name, row.Required("conversations", "a list of turns {\"from\": …, \"value\": …}"), "from", "value");
        if (row.OptionalText("system") is { Length: > 0 } system) turns.Insert(0, new ChatMessage("system", system));
        (IReadOnlyList<ChatMessage> prompt, string completion) = Turns.SplitLast(name, turns);
        return factory.Single(row, prompt, isChat: true, completion);
    }
}
