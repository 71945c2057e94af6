using System.Text.Json;
using Leftover.Tokenization;

namespace Leftover.Data.Shapes;

/// <summary>A prompt and a list <c>completions</c>: objects {completion, reward or rank}, or texts beside a list <c>rewards</c> or <c>ranks</c>.</summary>
/// <remarks>The smallest rank is the best. A rank becomes the share of the other completions that rank behind it, a reward named "rank" in [0, 1].</remarks>
internal static class RankedShape
{
    private static readonly string[] _texts = ["completion", "text", "content", "response"];
    private static readonly string[] _rewards = ["reward", "score"];

    public static IReadOnlyList<Example> Read(Row row, ExampleFactory factory)
    {
        (IReadOnlyList<ChatMessage> prompt, bool isChat) = PromptShape.Prompt(row);
        string name = row.NameOf("completions");
        JsonElement list = row.Required("completions", "a list of completions");
        if (list.ValueKind != JsonValueKind.Array) throw Row.WrongType(name, list, "a list of completions");
        if (list.GetArrayLength() == 0) throw new RowException($"'{name}' is an empty list; it must hold at least one completion.");

        List<JsonElement> items = [.. list.EnumerateArray()];
        List<string> completions = [.. items.Select((item, i) => Text($"{name}[{i}]", item))];
        if (factory.RewardNames.Count == 0)
            return [.. completions.Select((completion, i) => factory.OneOf(row, prompt, isChat, completion, reward: null, isTarget: null, i))];

        double[] values = Rewards(row, name, items, completions);
        int best = Array.IndexOf(values, values.Max());
        return [.. completions.Select((completion, i) => factory.OneOf(row, prompt, isChat, completion, (factory.RewardNames.First(), values[i]), i == best, i))];
    }

    /// <summary>What a row's rewards are called: "reward" or "rank"; null where it has none.</summary>
    public static string? RewardName(Row row)
    {
        if (row.Find("completions") is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Object))
        {
            if (list.EnumerateArray().Any(i => _rewards.Any(key => i.TryGetProperty(key, out _)))) return "reward";
            if (list.EnumerateArray().Any(i => i.TryGetProperty("rank", out _))) return "rank";
        }

        return row.Has("rewards") || row.Has("reward") ? "reward" : row.Has("ranks") ? "rank" : null;
    }

    private static string Text(string place, JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String) return item.GetString()!;
        if (item.ValueKind != JsonValueKind.Object) throw Row.WrongType(place, item, "a text, or an object {\"completion\": …, \"reward\": …}");
        foreach (string key in _texts)
            if (item.TryGetProperty(key, out JsonElement text) && text.ValueKind == JsonValueKind.String) return text.GetString()!;
        throw new RowException($"'{place}' has no 'completion'; it has {Row.Listing(item.EnumerateObject().Select(p => p.Name))}.");
    }

    private static double[] Rewards(Row row, string name, List<JsonElement> items, List<string> completions)
    {
        if (items.All(i => i.ValueKind == JsonValueKind.Object))
        {
            foreach (string key in _rewards)
                if (items.Any(i => i.TryGetProperty(key, out _))) return Numbers(i => ($"{name}[{i}].{key}", Property(items[i], key)));
            if (items.Any(i => i.TryGetProperty("rank", out _))) return FromRanks(Numbers(i => ($"{name}[{i}].rank", Property(items[i], "rank"))));
        }

        if ((Parallel(row, "rewards") ?? Parallel(row, "reward")) is { } rewards) return rewards;
        if (Parallel(row, "ranks") is { } ranks) return FromRanks(ranks);
        throw new RowException($"'{name}' has no rewards: each item needs a 'reward' or a 'rank', or the row a list 'rewards' or 'ranks' beside it.");

        double[] Numbers(Func<int, (string Place, JsonElement? Value)> find) => [.. Enumerable.Range(0, items.Count).Select(i =>
        {
            (string place, JsonElement? value) = find(i);
            return value is null ? throw new RowException($"'{place}' is missing; the other completions have it.") : RewardColumns.Number(place, value.Value, completions[i]);
        })];

        double[]? Parallel(Row values, string column)
        {
            if (values.Find(column) is not { ValueKind: JsonValueKind.Array } list) return null;
            if (list.GetArrayLength() != items.Count)
                throw new RowException($"'{values.NameOf(column)}' holds {list.GetArrayLength()} numbers for {items.Count} completions.");
            return Numbers(i => ($"{values.NameOf(column)}[{i}]", list[i]));
        }
    }

    private static JsonElement? Property(JsonElement item, string key) => item.TryGetProperty(key, out JsonElement value) ? value : null;

    private static double[] FromRanks(double[] ranks) =>
        [.. ranks.Select(rank => ranks.Length == 1 ? 1 : (double)ranks.Count(other => other > rank) / (ranks.Length - 1))];
}
