using System.Text.Json;
using System.Text.Json.Serialization;
using Leftover.Data;

namespace Leftover.Reporting;

/// <summary>One row of an <c>advantages.jsonl</c>.</summary>
internal sealed record LoggedAdvantage
{
    public string Id { get; init; } = "";

    public string File { get; init; } = "";

    public int Line { get; init; }

    public double Reward { get; init; }

    public double Value { get; init; }

    public required double Advantage { get; init; }

    public required bool Kept { get; init; }

    public string Reason { get; init; } = "";

    public string? Source { get; init; }
}

/// <summary>The rows that methods were trained on, and those they were not.</summary>
/// <param name="Methods">The methods that judged the rows alike.</param>
/// <param name="Rows">The rows, in the file's order.</param>
internal sealed record AdvantageSet(IReadOnlyList<string> Methods, IReadOnlyList<LoggedAdvantage> Rows)
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict };

    /// <summary>The methods' names.</summary>
    public string Title => string.Join(", ", Methods);

    /// <summary>Reads the files that exist; methods with the same advantages and the same rows kept come as one.</summary>
    /// <exception cref="DataException">A line is no row of such a file.</exception>
    public static IReadOnlyList<AdvantageSet> Read(ReportInput input)
    {
        List<AdvantageSet> sets = [];
        foreach (string method in input.Results.Methods.Select(method => method.Name))
        {
            if (!input.AdvantageFiles.TryGetValue(method, out string? path) || !File.Exists(path)) continue;
            LoggedAdvantage[] rows = [.. JsonLines.Read(path).Select(line => Parse(line.Json, path, line.Number))];
            if (rows.Length == 0) continue;
            int same = sets.FindIndex(set => set.Rows.SequenceEqual(rows));
            if (same < 0) sets.Add(new AdvantageSet([method], rows));
            else sets[same] = sets[same] with { Methods = [.. sets[same].Methods, method] };
        }
        return sets;
    }

    private static LoggedAdvantage Parse(string json, string path, int line)
    {
        try
        {
            return JsonSerializer.Deserialize<LoggedAdvantage>(json, s_json) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new DataException($"{path}({line}) is no row of an advantage table: {error.Message} Write it again with `leftover train` or `leftover inspect`.", error);
        }
    }
}
