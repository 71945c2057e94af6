using System.Globalization;
using System.Text.Json;

namespace Leftover.Data;

/// <summary>Reads the rewards of a row: <c>reward</c>, <c>rewards</c>, columns named <c>rewards.NAME</c>, or the thumb <c>label</c>.</summary>
internal static class RewardColumns
{
    private const string Prefix = "rewards.";

    /// <summary>The names of a row's rewards, whatever their values.</summary>
    public static IReadOnlyList<string> Names(Row row, IReadOnlyDictionary<string, string> columns)
    {
        List<string> names = [];
        if (row.Find("reward") is { } reward) names.AddRange(reward.ValueKind == JsonValueKind.Object ? reward.EnumerateObject().Select(p => p.Name) : ["reward"]);
        if (row.Find("rewards") is { ValueKind: JsonValueKind.Object } rewards) names.AddRange(rewards.EnumerateObject().Select(p => p.Name));
        names.AddRange(columns.Keys.Where(IsNamed).Select(k => k[Prefix.Length..]));
        names.AddRange(row.Names.Where(IsNamed).Select(n => n[Prefix.Length..]));
        if (names.Count == 0 && row.Find("label") is { } label && !IsClassName(label)) names.Add("label");
        return [.. names.Distinct()];
    }

    /// <summary>The rewards by name.</summary>
    /// <param name="row">The row.</param>
    /// <param name="names">Those it must have.</param>
    /// <param name="completion">The completion, for messages.</param>
    /// <exception cref="RowException">One is missing or is no finite number.</exception>
    public static IReadOnlyDictionary<string, double> Read(Row row, IReadOnlyCollection<string> names, string completion)
    {
        if (names.Count == 0) return Example.NoRewards;
        SortedDictionary<string, double> rewards = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            (string place, JsonElement? value) = Find(row, name);
            if (value is null) throw new RowException($"'{place}' is missing for the completion \"{Row.Snippet(completion)}\"; other rows of the file have this reward.");
            rewards[name] = Number(place, value.Value, completion);
        }

        return rewards;
    }

    /// <summary>A reward's value.</summary>
    /// <exception cref="RowException">It is no finite number.</exception>
    public static double Number(string name, JsonElement value, string completion)
    {
        if (value.ValueKind == JsonValueKind.True) return 1;
        if (value.ValueKind == JsonValueKind.False) return 0;
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;
        if (bool.TryParse(text, out bool truth)) return truth ? 1 : 0;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)) return number;
        throw new RowException($"'{name}' is {text ?? Row.Describe(value)} for the completion \"{Row.Snippet(completion)}\"; a reward is a finite number.");
    }

    // A thumb is a number or true or false; other words are names of classes, and no reward.
    private static bool IsClassName(JsonElement label) => label.ValueKind == JsonValueKind.String && label.GetString()!.Trim() is { Length: > 0 } text
        && !bool.TryParse(text, out _) && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static (string Place, JsonElement? Value) Find(Row row, string name)
    {
        if (row.Find(Prefix + name) is { } named) return (row.NameOf(Prefix + name), named);
        foreach (string column in (ReadOnlySpan<string>)["rewards", "reward"])
            if (row.Find(column) is { ValueKind: JsonValueKind.Object } map)
                return ($"{row.NameOf(column)}.{name}", map.TryGetProperty(name, out JsonElement value) ? value : null);
        return name is "reward" or "label" ? (row.NameOf(name), row.Find(name)) : (Prefix + name, null);
    }

    private static bool IsNamed(string column) => column.StartsWith(Prefix, StringComparison.Ordinal) && column.Length > Prefix.Length;
}
