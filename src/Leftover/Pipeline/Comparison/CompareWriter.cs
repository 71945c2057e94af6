using System.Text.Json;
using System.Text.Json.Serialization;
using Leftover.Advantages;
using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Reporting;
using Leftover.Reporting.Comparison;
using Leftover.Runs;

namespace Leftover.Pipeline.Comparison;

/// <summary>Writes the report of a comparison: files that follow from the cells alone, and beside them the times that were measured.</summary>
internal static class CompareWriter
{
    // An effect size of differences that are all the same is not finite.
    private static readonly JsonSerializerOptions s_json = new(RunResults.Json) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Makes the figures and writes <c>report/compare.*</c> and <c>report/time.html</c>.</summary>
    /// <param name="pipeline">The log as it is.</param>
    /// <param name="cells">What came to its end.</param>
    /// <param name="failed">What did not.</param>
    /// <param name="budget">The budget in words.</param>
    public static CompareResults Write(RunPipeline pipeline, IReadOnlyList<ComparedCell> cells, IReadOnlyList<FailedCell> failed, string budget)
    {
        RunContext context = pipeline.Context;
        // As the recipe has them, not as they came to be made.
        List<string> labels = [.. pipeline.Methods.Select(method => method.Label)];
        cells = [.. cells.OrderBy(cell => cell.Noise).ThenBy(cell => labels.IndexOf(cell.Method))];
        CompareResults compared = Figures(pipeline, cells, failed, budget);
        CompareInput input = new() { Compared = compared, Cells = cells, Run = RunInput(pipeline, compared, cells) };

        string folder = Directory.CreateDirectory(context.PathOf("report")).FullName;
        AtomicFile.WriteAllText(Path.Combine(folder, "compare.json"), JsonSerializer.Serialize(compared, s_json) + "\n");
        CompareCsv.Write(Path.Combine(folder, "compare.csv"), cells);
        AtomicFile.WriteAllText(Path.Combine(folder, "compare.md"), CompareMarkdown.Text(input));
        CompareReport.Write(Path.Combine(folder, "compare.html"), input);
        WriteTimes(context, Path.Combine(folder, "time.html"), compared, cells);
        return compared;
    }

    private static CompareBuilder Builder(RunPipeline pipeline, IReadOnlyList<ComparedCell> cells) =>
        new(cells, pipeline.Context.Recipe.Evaluation.Confidence, pipeline.Context.Recipe.Seed, pipeline.Rewards.HoldOut);

    private static CompareResults Figures(RunPipeline pipeline, IReadOnlyList<ComparedCell> cells, IReadOnlyList<FailedCell> failed, string budget)
    {
        Recipe recipe = pipeline.Context.Recipe;
        // What a method made of the log is the same for all seeds; its weights by epoch are those of the first.
        Dictionary<string, MethodDiagnostics> diagnostics = pipeline.Methods.Where(method => cells.Any(cell => cell.Method == method.Label && cell.Noise == 0)).ToDictionary(
            method => method.Label, method => DiagnosticsStage.Of(pipeline, method.Algorithm, method.Method.Training, FileOf(pipeline.Context, method.Label, "metrics.jsonl")));
        string? subject = pipeline.Methods.FirstOrDefault(method => method.Algorithm.Credit == Credit.Advantage).Label;
        RunResults described = ReportStage.Described(pipeline) with
        {
            Judged = JudgeStage.AgainstFirst(pipeline.Context, pipeline.Data.HeldOut.Examples, ComparedCell.OfFirstSeed(cells)),
            Notes = [.. ReportStage.Notes(pipeline), .. NotTrainedOn(recipe), .. diagnostics.SelectMany(pair => pair.Value.Warnings(pair.Key))],
        };
        CompareResults compared = Builder(pipeline, cells).Build(described, budget, subject);
        compared = compared with { Failed = failed, Results = compared.Results with { Methods = [.. compared.Results.Methods.Select(method => method with { Diagnostics = diagnostics.GetValueOrDefault(method.Name) })] } };
        Verdict verdict = CompareVerdict.Of(compared);
        return compared with { Verdict = [verdict.Headline, .. verdict.Details] };
    }

    private static ReportInput RunInput(RunPipeline pipeline, CompareResults compared, IReadOnlyList<ComparedCell> cells)
    {
        Recipe recipe = pipeline.Context.Recipe;
        return new ReportInput
        {
            Results = compared.Results,
            Replies = Builder(pipeline, cells).Replies(),
            AdvantageFiles = pipeline.Methods.ToDictionary(method => method.Label, method => FileOf(pipeline.Context, method.Label, "advantages.jsonl")),
            // Where a run lies, and on how many threads, is no part of what it found.
            RecipeYaml = (recipe with { Output = "runs/compare", Cache = "runs/cache", Threads = null }).ToYaml(),
            DataSummary = [.. DataSummary.Of(pipeline.Data).SelectMany(set => set.Lines())],
            SamplePrompts = 40,
        };
    }

    // What the first seed's training left.
    private static string FileOf(RunContext context, string method, string name) => Path.Combine(CellFiles.Of(context, 0, method, context.Recipe.Compare.Seeds[0]).Folder, name);

    private static IEnumerable<string> NotTrainedOn(Recipe recipe)
    {
        string[] names = [.. recipe.Rewards.Where(reward => reward.Weight == 0).Select(reward => reward.Name ?? reward.Reward["type"]!)];
        return names.Length == 0 ? [] : [$"Nobody trained on {string.Join(", ", names)} (weight 0): where the total rises and these fall, a policy earns its reward in a way nobody meant."];
    }

    private static void WriteTimes(RunContext context, string path, CompareResults compared, IReadOnlyList<ComparedCell> cells)
    {
        Dictionary<string, double[]> seconds = cells.Where(cell => cell.Noise == 0 && cell.Method != ReportStage.ReferenceName).GroupBy(cell => cell.Method)
            .Select(method => (method.Key, Seconds: method.Select(cell => CellFiles.Of(context, 0, cell.Method, cell.Seed).ReadTime()).Where(time => time?.IsWhole == true).Select(time => time!.Seconds).ToArray()))
            .Where(method => method.Seconds.Length > 0).ToDictionary(method => method.Key, method => method.Seconds);
        CompareReport.WriteTimes(path, compared, seconds.ToDictionary(method => method.Key, method => method.Value.Average()), seconds.ToDictionary(method => method.Key, method => method.Value.Length));
    }
}
