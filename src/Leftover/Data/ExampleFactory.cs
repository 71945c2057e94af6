using System.Text.Json;
using Leftover.Tokenization;

namespace Leftover.Data;

/// <summary>Makes the examples of one file: what a row's shape found, with the columns that all shapes share.</summary>
/// <param name="source">The file.</param>
/// <param name="rewardNames">The rewards that every row must have.</param>
/// <param name="isSigmoid">True where recorded rewards are logits.</param>
/// <param name="texts">Columns of text that are kept.</param>
internal sealed class ExampleFactory(DataSource source, IReadOnlyCollection<string> rewardNames, bool isSigmoid, IReadOnlyList<string> texts)
{
    private readonly string _stem = source.Source ?? RowFile.Stem(source.Path);

    /// <summary>The rewards that every row must have.</summary>
    public IReadOnlyCollection<string> RewardNames => rewardNames;

    /// <summary>The example of a line that gives one completion.</summary>
    public Example Single(Row row, IReadOnlyList<ChatMessage> prompt, bool isChat, string completion) =>
        Make(row, prompt, isChat, completion, RewardColumns.Read(row, rewardNames, completion), isTarget: null, index: null);

    /// <summary>The example of one of a line's completions.</summary>
    /// <param name="row">The row.</param>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="isChat">True where the row gave turns.</param>
    /// <param name="completion">The completion.</param>
    /// <param name="reward">The reward's name and value, or null where there is none.</param>
    /// <param name="isTarget">True for the chosen or best one; null where nothing says which that is.</param>
    /// <param name="index">Its 0-based number in the line.</param>
    public Example OneOf(Row row, IReadOnlyList<ChatMessage> prompt, bool isChat, string completion, (string Name, double Value)? reward, bool? isTarget, int index) =>
        Make(row, prompt, isChat, completion, reward is { } r ? new Dictionary<string, double> { [r.Name] = r.Value } : Example.NoRewards, isTarget, index);

    /// <summary>A prompt alone.</summary>
    public Example PromptOnly(Row row, IReadOnlyList<ChatMessage> prompt, bool isChat) =>
        Build(row, prompt, isChat, "", Example.NoRewards, null, null);

    private Example Make(
        Row row, IReadOnlyList<ChatMessage> prompt, bool isChat, string completion, IReadOnlyDictionary<string, double> rewards, bool? isTarget, int? index)
    {
        if (string.IsNullOrWhiteSpace(completion))
        {
            string which = index is null ? "the completion" : $"completion {index} (counted from 0)";
            throw new RowException($"{which} is empty; there is nothing in it to learn from.");
        }

        return Build(row, prompt, isChat, completion, rewards, isTarget, index);
    }

    // true and false are classes like any others.
    private static string? LabelOf(Row row) => row.Find("label") is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetRawText()
        : row.Find("label") is { ValueKind: JsonValueKind.String or JsonValueKind.Number } ? row.OptionalText("label") : null;

    private Example Build(
        Row row, IReadOnlyList<ChatMessage> prompt, bool isChat, string completion, IReadOnlyDictionary<string, double> rewards, bool? isTarget, int? index)
    {
        if (isSigmoid) rewards = rewards.ToDictionary(r => r.Key, r => 1 / (1 + Math.Exp(-r.Value)));
        double weight = row.OptionalNumber("weight") ?? 1;
        if (weight < 0) throw new RowException($"'{row.NameOf("weight")}' is {weight}; it must be at least 0.");
        double? propensity = row.OptionalNumber("propensity");
        if (propensity is <= 0 or > 1) throw new RowException($"'{row.NameOf("propensity")}' is {propensity}; it is the probability of the completion and must lie in (0, 1].");

        return new Example
        {
            Id = (row.OptionalText("id") ?? $"{Path.GetFileName(source.Path)}:{row.Line}") + (index is null ? "" : $"#{index}"),
            Prompt = prompt,
            IsChat = isChat,
            Completion = completion,
            Rewards = rewards,
            Label = LabelOf(row),
            Texts = texts.Count == 0 ? Example.NoTexts : TextsOf(row),
            Weight = weight,
            Propensity = propensity,
            Source = row.OptionalText("source") ?? _stem,
            SftTarget = isTarget,
            Group = row.OptionalText("group") ?? (prompt.Count == 0 ? $"{_stem}:{row.Line}" : PromptIdentity.Group(prompt)),
            File = source.Path,
            Line = row.Line,
        };
    }

    private Dictionary<string, string> TextsOf(Row row)
    {
        Dictionary<string, string> kept = new(StringComparer.Ordinal);
        foreach (string column in texts.Except(rewardNames))
            if (row.Find(column) is { } value && TextOf(value) is { } text) kept[column] = text;
        return kept;
    }

    // A list of texts, such as several pieces of evidence, is one text of several lines.
    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Array => string.Join('\n', value.EnumerateArray().Select(TextOf).OfType<string>()),
        _ => null,
    };
}
