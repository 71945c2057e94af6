using System.Text.Json;
using Leftover.Tokenization;

namespace Leftover.Data.Shapes;

/// <summary>The released A-LoL files: tagged turns in <c>prefix</c>, completions in <c>suffix</c>, the reward model's logits in <c>reward</c>.</summary>
internal static class ALolShape
{
    public static IReadOnlyList<Example> Read(Row row, ExampleFactory factory)
    {
        List<string> suffixes = Texts(row, "suffix");
        List<ChatMessage> prompt = Prompt(row, suffixes.Count);
        JsonElement rewards = row.Required("reward", $"a list of {suffixes.Count} numbers");
        if (rewards.ValueKind != JsonValueKind.Array || rewards.GetArrayLength() != suffixes.Count)
            throw Row.WrongType(row.NameOf("reward"), rewards, $"a list of {suffixes.Count} numbers, one for each 'suffix'");

        double chosen = row.OptionalNumber("sft_index") ?? 0;
        if (chosen < 0 || chosen >= suffixes.Count || chosen != Math.Floor(chosen))
            throw new RowException($"'{row.NameOf("sft_index")}' is {chosen}; it must be the number of a 'suffix', from 0 to {suffixes.Count - 1}.");

        return [.. suffixes.Select((suffix, i) => factory.OneOf(
            row, prompt, isChat: true, suffix, ("reward", RewardColumns.Number($"{row.NameOf("reward")}[{i}]", rewards[i], suffix)), i == (int)chosen, i))];
    }

    /// <summary>The files repeat the prompt for each completion.</summary>
    private static List<ChatMessage> Prompt(Row row, int completions)
    {
        string name = row.NameOf("prefix");
        JsonElement prefixes = row.Required("prefix", "a list of lists of tagged turns");
        if (prefixes.ValueKind != JsonValueKind.Array || prefixes.GetArrayLength() != completions)
            throw Row.WrongType(name, prefixes, $"a list of {completions} lists of tagged turns, one for each 'suffix'");

        List<string> first = Texts($"{name}[0]", prefixes[0]);
        for (int i = 1; i < completions; i++)
            if (!Texts($"{name}[{i}]", prefixes[i]).SequenceEqual(first)) throw new RowException($"'{name}[{i}]' differs from '{name}[0]'; completions of one row answer one prompt.");
        return Transcript.ReadTagged($"{name}[0]", first);
    }

    private static List<string> Texts(Row row, string column) => Texts(row.NameOf(column), row.Required(column, "a list of texts"));

    private static List<string> Texts(string name, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0 || list.EnumerateArray().Any(t => t.ValueKind != JsonValueKind.String))
            throw Row.WrongType(name, list, "a list of texts, and not empty");
        return [.. list.EnumerateArray().Select(t => t.GetString()!)];
    }
}
