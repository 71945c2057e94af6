using System.Text.Json;
using Leftover.Tokenization;

namespace Leftover.Data.Shapes;

/// <summary>A pair: <c>chosen</c> and <c>rejected</c>, after a <c>prompt</c> or as whole conversations that begin alike.</summary>
/// <remarks>Without scores of their own the chosen one earns 1 and the rejected 0, under the name "preference".</remarks>
internal static class PreferenceShape
{
    private static readonly (string Chosen, string Rejected)[] _scores =
        [("chosen_reward", "rejected_reward"), ("chosen_score", "rejected_score"), ("score_chosen", "score_rejected"), ("reward_chosen", "reward_rejected")];

    public static IReadOnlyList<Example> Read(Row row, ExampleFactory factory)
    {
        JsonElement chosen = row.Required("chosen", "a text or a list of turns");
        JsonElement rejected = row.Required("rejected", "a text or a list of turns");
        (IReadOnlyList<ChatMessage> prompt, bool isChat, string better, string worse) =
            chosen.ValueKind == JsonValueKind.Array || rejected.ValueKind == JsonValueKind.Array ? OfTurns(row, chosen, rejected)
            : row.Has("prompt") || row.Has("messages") ? OfPrompt(row)
            : OfTranscripts(row.Text("chosen"), row.Text("rejected"), row);

        (string reward, double high, double low) = Scores(row, better, worse);
        return
        [
            factory.OneOf(row, prompt, isChat, better, (reward, high), isTarget: true, 0),
            factory.OneOf(row, prompt, isChat, worse, (reward, low), isTarget: false, 1),
        ];
    }

    private static (IReadOnlyList<ChatMessage>, bool, string, string) OfPrompt(Row row)
    {
        (IReadOnlyList<ChatMessage> prompt, bool isChat) = PromptShape.Prompt(row);
        return (prompt, isChat, row.Text("chosen"), row.Text("rejected"));
    }

    /// <summary>The prompt is all that both texts share up to the start of an answer; what follows is the completion, further turns included.</summary>
    private static (IReadOnlyList<ChatMessage>, bool, string, string) OfTranscripts(string chosen, string rejected, Row row)
    {
        int shared = chosen.AsSpan().CommonPrefixLength(rejected);
        int answer = shared < Transcript.AssistantTag.Length ? -1 : chosen.LastIndexOf(Transcript.AssistantTag, shared - 1, StringComparison.Ordinal);
        if (answer < 0)
        {
            throw new RowException(
                $"'{row.NameOf("chosen")}' and '{row.NameOf("rejected")}' come without a prompt and share none: they must both begin with the same \"Human: …\\n\\nAssistant:\", or stand beside a 'prompt'.");
        }

        int start = answer + Transcript.AssistantTag.Length;
        return (Transcript.Read(row.NameOf("chosen"), chosen[..start]), true, chosen[start..].Trim(), rejected[start..].Trim());
    }

    private static (IReadOnlyList<ChatMessage>, bool, string, string) OfTurns(Row row, JsonElement chosen, JsonElement rejected)
    {
        (IReadOnlyList<ChatMessage> before, string better) = Turns.SplitLast(row.NameOf("chosen"), Turns.Read(row.NameOf("chosen"), chosen));
        (IReadOnlyList<ChatMessage> beforeWorse, string worse) = Turns.SplitLast(row.NameOf("rejected"), Turns.Read(row.NameOf("rejected"), rejected));
        if (!before.SequenceEqual(beforeWorse))
            throw new RowException($"'{row.NameOf("chosen")}' and '{row.NameOf("rejected")}' differ before their last turn; a pair answers one prompt.");

        // Whole conversations repeat the prompt, completions alone do not.
        if (before.Count > 0 || !row.Has("prompt")) return before.Count > 0
            ? (before, true, better, worse)
            : throw new RowException($"'{row.NameOf("chosen")}' holds one turn and there is no 'prompt'; a completion needs the turns before it.");
        (IReadOnlyList<ChatMessage> prompt, _) = PromptShape.Prompt(row);
        return (prompt, true, better, worse);
    }

    private static (string Name, double Chosen, double Rejected) Scores(Row row, string better, string worse)
    {
        foreach ((string high, string low) in _scores)
        {
            if (!row.Has(high) && !row.Has(low)) continue;
            double chosen = RewardColumns.Number(row.NameOf(high), row.Required(high, "a finite number"), better);
            return ("reward", chosen, RewardColumns.Number(row.NameOf(low), row.Required(low, "a finite number"), worse));
        }

        return ("preference", 1, 0);
    }
}
