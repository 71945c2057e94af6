using System.Text.Json;
using Leftover.Tokenization;

namespace Leftover.Data.Shapes;

/// <summary><c>prompt</c> or <c>messages</c>, and <c>completion</c>; without one, the last turn of <c>messages</c> is the completion.</summary>
internal static class RewardedShape
{
    public static Example Read(Row row, ExampleFactory factory)
    {
        if (!row.Has("completion") && row.Has("messages"))
        {
            string name = row.NameOf("messages");
            (IReadOnlyList<ChatMessage> turns, string last) = Turns.SplitLast(name, Turns.Read(name, row.Find("messages")!.Value));
            return factory.Single(row, turns, isChat: true, last);
        }

        (IReadOnlyList<ChatMessage> prompt, bool isChat) = PromptShape.Prompt(row);
        JsonElement completion = row.Required("completion", "a text");
        if (completion.ValueKind != JsonValueKind.Array) return factory.Single(row, prompt, isChat, row.Text("completion"));

        // A completion as turns; those before the last belong to the prompt.
        (IReadOnlyList<ChatMessage> before, string answer) = Turns.SplitLast(row.NameOf("completion"), Turns.Read(row.NameOf("completion"), completion));
        return factory.Single(row, [.. prompt, .. before], isChat: true, answer);
    }
}
