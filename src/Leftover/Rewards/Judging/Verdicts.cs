using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Leftover.Rewards.Judging;

/// <summary>Finds the verdict in what a judge wrote.</summary>
internal static partial class Verdicts
{
    /// <summary>The <c>score</c> of the last JSON object that has one, else the last number: <c>8/10</c> and "8 out of 10" are 8. Null where there is none in the range.</summary>
    /// <param name="answer">The judge's words; what it thought aloud before, in <c>&lt;think&gt;</c>, does not count.</param>
    /// <param name="min">The least score.</param>
    /// <param name="max">The greatest.</param>
    public static double? Score(string answer, double min, double max)
    {
        answer = WithoutThoughts(answer);
        double? found = Property(answer, "score") is { } score
            ? score.ValueKind == JsonValueKind.Number && score.TryGetDouble(out double number) ? number : score.ValueKind == JsonValueKind.String ? LastNumber(score.GetString()!, max) : null
            : LastNumber(answer, max);
        return found >= min && found <= max ? found : null;
    }

    /// <summary>1 where the first is better, −1 where the second is, 0 for a tie; null where the answer says none of these.</summary>
    /// <remarks>A JSON object with <c>better</c>, <c>winner</c> or <c>verdict</c>; else <c>[[A]]</c>; else an answer, or a last line, of the letter alone. "A" inside a sentence is an article.</remarks>
    public static double? Better(string answer)
    {
        answer = WithoutThoughts(answer);
        foreach (string name in (ReadOnlySpan<string>)["better", "winner", "verdict"])
            if (Property(answer, name) is { } value) return value.ValueKind == JsonValueKind.String ? Side(value.GetString()!) : null;
        if (DoubleBrackets().Matches(answer) is { Count: > 0 } marks) return Side(marks[^1].Groups[1].Value);
        string last = answer.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault("");
        return LetterAlone().Match(last) is { Success: true } letter ? Side(letter.Groups[1].Value) : null;
    }

    private static double? Side(string name) => name.Trim().ToLowerInvariant() switch
    {
        "a" => 1,
        "b" => -1,
        "tie" or "c" or "equal" or "neither" or "both" => 0,
        _ => null,
    };

    private static double? LastNumber(string text, double max)
    {
        if (Numbers().Matches(text) is not { Count: > 0 } numbers) return null;
        Match last = numbers[^1];
        if (last.Groups["of"] is { Success: true } whole && double.Parse(whole.Value, CultureInfo.InvariantCulture) != max) return null;      // 4/5 on a scale to 10
        return double.Parse(last.Groups["number"].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>A property of the last JSON object in a text that has it.</summary>
    private static JsonElement? Property(string text, string name)
    {
        for (int start = text.LastIndexOf('{'); start >= 0; start = start == 0 ? -1 : text.LastIndexOf('{', start - 1))
        {
            Utf8JsonReader json = new(System.Text.Encoding.UTF8.GetBytes(text[start..]), isFinalBlock: true, default);
            try
            {
                if (json.Read() && JsonElement.TryParseValue(ref json, out JsonElement? element) && element is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(name, out JsonElement value)) return value;
            }
            catch (JsonException)
            {
                // A brace in prose.
            }
        }
        return null;
    }

    private static string WithoutThoughts(string answer) => Thoughts().Replace(answer, " ");

    [GeneratedRegex("<think>.*?(</think>|$)", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Thoughts();

    [GeneratedRegex(@"(?<number>(?<![\w.])[-+]?\d+(\.\d+)?([eE][-+]?\d+)?|\d+(\.\d+)?)(\s*(/|out\s+of)\s*(?<of>\d+(\.\d+)?))?", RegexOptions.IgnoreCase)]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\[\[\s*(A|B|C|tie)\s*\]\]", RegexOptions.IgnoreCase)]
    private static partial Regex DoubleBrackets();

    [GeneratedRegex(@"^\W*(?:(?:final\s+)?(?:answer|verdict|winner|better)\W+(?:is\W+)?)?(?:(?:reply|answer|response)\W+)?(A|B|tie)\W*$", RegexOptions.IgnoreCase)]
    private static partial Regex LetterAlone();
}
