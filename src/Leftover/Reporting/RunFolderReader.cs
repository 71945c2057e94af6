using System.Text.Json;
using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Runs;

namespace Leftover.Reporting;

/// <summary>Finds a report's input in a run folder.</summary>
internal static class RunFolderReader
{
    /// <summary>The file beside results.json that keeps <see cref="ReportInput.DataSummary"/>, a line each.</summary>
    public const string DataSummaryFile = "data.txt";

    /// <inheritdoc cref="ReportInput.FromRunFolder"/>
    public static ReportInput Read(string folder)
    {
        string report = Path.Combine(folder, "report"), resultsFile = Path.Combine(report, "results.json");
        if (!Directory.Exists(folder)) throw new DataException($"{folder} does not exist; a run folder was to be read from it. Name the folder that `leftover run` wrote, its recipe's `output`.");
        if (!File.Exists(resultsFile)) throw new DataException($"{folder} holds no report/results.json: its run has not come to its end. Finish it with `leftover run`.");

        RunResults results = Deserialize<RunResults>(File.ReadAllText(resultsFile), resultsFile);
        string summary = Path.Combine(report, DataSummaryFile);
        return new ReportInput
        {
            Results = results,
            Replies = [.. results.Methods.Select(method => Replies(report, method)).OfType<PolicyReplies>()],
            MetricsFiles = FilesOfMethods(folder, results, "metrics.jsonl"),
            AdvantageFiles = FilesOfMethods(folder, results, "advantages.jsonl"),
            RecipeYaml = Recipe(folder),
            DataSummary = File.Exists(summary) ? File.ReadAllLines(summary) : [],
        };
    }

    /// <summary>The recipe in run.json; as it stands there where this version cannot read it, since a report shows it and does not run it.</summary>
    private static string Recipe(string folder)
    {
        string path = Path.Combine(folder, "run.json");
        if (!File.Exists(path)) return "";
        try
        {
            return RecipeWriter.ToYaml(RunFolder.ReadRecipe(folder));
        }
        catch (Exception error) when (error is RecipeException or DataException)
        {
            return File.ReadAllText(path);
        }
    }

    private static PolicyReplies? Replies(string report, MethodResult method)
    {
        string path = Path.Combine(report, $"replies-{method.Name}.jsonl");
        if (!File.Exists(path)) return null;
        return new PolicyReplies
        {
            Name = method.Name,
            Seed = method.Seed,
            Step = method.Step,
            Replies = [.. JsonLines.Read(path).Select(line => Deserialize<ScoredReply>(line.Json, $"{path}({line.Number})"))],
        };
    }

    private static Dictionary<string, string> FilesOfMethods(string folder, RunResults results, string name) =>
        results.Methods.Skip(1).ToDictionary(method => method.Name, method => Path.Combine(folder, "methods", method.Name, name));

    private static T Deserialize<T>(string json, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, RunResults.Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new DataException($"{place} cannot be read: {error.Message} Write it again with `leftover run`.", error);
        }
    }
}
