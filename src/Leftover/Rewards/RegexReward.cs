using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Leftover.Data;
using Leftover.Rewards.Text;

namespace Leftover.Rewards;

/// <summary>One score for completions that match a pattern, another for the rest.</summary>
/// <remarks>
/// A pattern may refer to the prompt: <c>prompt_pattern: "capital of (?&lt;land&gt;\w+)"</c> and <c>patterns: ["(?i){land}"]</c> look for the land
/// that the prompt named. Where the prompt does not match, nor does the completion.
/// </remarks>
public sealed record RegexReward() : RewardSource("regex")
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);

    /// <summary>.NET regular expressions for the completion; at least one. <c>{group}</c> stands for the text of a group of <see cref="PromptPattern"/>.</summary>
    public required IReadOnlyList<string> Patterns { get; init; }

    /// <summary>A regular expression for the prompt, whose named groups <see cref="Patterns"/> refer to; its first match counts. Default none.</summary>
    public string? PromptPattern { get; init; }

    /// <summary>True asks for all patterns, false for any. Default false.</summary>
    public bool All { get; init; }

    /// <summary>The score of a match. Default 1.</summary>
    public double Value { get; init; } = 1;

    /// <summary>The score without a match. Default 0.</summary>
    public double Else { get; init; }

    /// <summary>True multiplies <see cref="Value"/> by the number of matches of all patterns. Default false.</summary>
    public bool Count { get; init; }

    /// <summary>The most matches that count; ≥ 1. Default all.</summary>
    public int? MaxCount { get; init; }

    /// <summary>True for patterns without regard to case. Default false.</summary>
    public bool IgnoreCase { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override RewardRange Range
    {
        get
        {
            if (!Count) return RewardRange.Of(Value, Else);
            double most = Value == 0 ? 0 : Value * (MaxCount ?? double.PositiveInfinity);
            return new(Math.Min(Else, Math.Min(Value, most)), Math.Max(Else, Math.Max(Value, most)));
        }
    }

    private RegexOptions Options => RegexOptions.CultureInvariant | (IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        string[] groups = [];
        if (PromptPattern is not null && Compiled(PromptPattern, "prompt_pattern", problems) is { } prompt)
            groups = [.. prompt.GetGroupNames().Where(x => !char.IsAsciiDigit(x[0]))];

        if (Patterns is null or { Count: 0 }) problems.Add("patterns is empty; give at least one regular expression.");
        for (int i = 0; i < Patterns?.Count; i++)
        {
            PromptReferences references = new(Patterns[i]);
            foreach (string name in references.Names.Distinct().Except(groups))
                problems.Add($"patterns[{i}] refers to {{{name}}}, which prompt_pattern does not capture; its named groups: {(groups.Length == 0 ? "none" : string.Join(", ", groups))}. Write \\{{{name}\\}} for the braces themselves.");
            Compiled(references.Fill(_ => "x"), $"patterns[{i}]", problems);
        }

        if (!double.IsFinite(Value)) problems.Add($"value is {Value}; it must be finite.");
        if (!double.IsFinite(Else)) problems.Add($"else is {Else}; it must be finite.");
        if (MaxCount is < 1) problems.Add($"max_count is {MaxCount}; it must be at least 1.");
        if (MaxCount is not null && !Count) problems.Add("max_count is given, but count is false; matches are not counted.");
        return problems;
    }

    /// <inheritdoc/>
    protected override double[] ScoreRows(IReadOnlyList<RewardInput> rows)
    {
        Regex? prompt = PromptPattern is null ? null : new Regex(PromptPattern, Options, s_timeout);
        PromptReferences[] patterns = [.. Patterns.Select(x => new PromptReferences(x))];
        Dictionary<string, Regex> compiled = new(StringComparer.Ordinal);
        double[] scores = new double[rows.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            try
            {
                int matches = CountMatches(rows[i], prompt, patterns, compiled);
                scores[i] = matches == 0 ? Else : Count ? Value * Math.Min(matches, MaxCount ?? int.MaxValue) : Value;
            }
            catch (RegexMatchTimeoutException timeout)
            {
                throw new DataException(
                    $"The reward '{Name}' took longer than {s_timeout.TotalSeconds} s to match {TextUnits.Excerpt(timeout.Pattern)} with {RowName(rows, i)}. "
                    + "Repetitions inside repetitions do that: make the inner one unambiguous, or atomic with (?>…).", timeout);
            }
        }
        return scores;
    }

    private int CountMatches(RewardInput row, Regex? prompt, PromptReferences[] patterns, Dictionary<string, Regex> compiled)
    {
        Match? asked = prompt?.Match(row.Prompt);
        if (asked is { Success: false }) return 0;

        int total = 0;
        foreach (PromptReferences pattern in patterns)
        {
            // A group that took no part in the match has no text to look for.
            int matches = pattern.Names.Exists(x => !asked!.Groups[x].Success) ? 0 : CountOf(row.Completion, pattern.Fill(x => asked!.Groups[x].Value));
            if (All && matches == 0) return 0;
            total += matches;
        }
        return total;

        int CountOf(string completion, string text)
        {
            if (!compiled.TryGetValue(text, out Regex? regex)) compiled[text] = regex = new Regex(text, Options, s_timeout);
            return Count ? regex.Count(completion) : regex.IsMatch(completion) ? 1 : 0;
        }
    }

    private Regex? Compiled(string pattern, string key, List<string> problems)
    {
        try
        {
            return new Regex(pattern, Options, s_timeout);
        }
        catch (RegexParseException error)
        {
            problems.Add($"{key} is no regular expression: {error.Message}");
            return null;
        }
    }
}
