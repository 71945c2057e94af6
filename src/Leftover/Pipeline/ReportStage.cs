using System.Text.Json;
using Leftover.Algorithms;
using Leftover.Data;
using Leftover.Evaluation;
using Leftover.Reporting;
using Leftover.Runs;
using Leftover.Tensors.Kernels;

namespace Leftover.Pipeline;

/// <summary>Trains what is not trained yet, measures every policy and writes <c>report/</c>: results.json for programs, report.html for people.</summary>
internal static class ReportStage
{
    /// <summary>The name of π_ref among the policies.</summary>
    public const string ReferenceName = "reference";

    public static RunResults Write(RunPipeline pipeline)
    {
        RunContext context = pipeline.Context;
        Recipe recipe = context.Recipe;
        CheckHeldOut(pipeline);
        List<(string Name, PolicySource Policy, int? Step)> policies = [(ReferenceName, pipeline.Reference, null)];
        Dictionary<string, MethodDiagnostics> diagnostics = new(StringComparer.Ordinal);
        foreach ((Method method, string label, Algorithm algorithm) in pipeline.Methods)
        {
            TrainedPolicy trained = pipeline.TrainMethod(method, label, algorithm);
            policies.Add((label, trained.Source, trained.Step));
            if (!File.Exists(context.PathOf("methods", label, "advantages.jsonl"))) continue;        // it did not learn from the log
            diagnostics[label] = DiagnosticsStage.Of(pipeline, algorithm, method.Training, context.PathOf("methods", label, "metrics.jsonl"));
            foreach (string warning in diagnostics[label].Warnings(label)) context.Observer.Warn(warning);
        }

        var evaluation = new EvaluationStage(context, pipeline.Coding, pipeline.Reference, pipeline.Rewards);
        IReadOnlyList<double>? logged = Logged(pipeline);
        List<PolicyReplies> replies = [];
        List<MethodResult> methods = [];
        foreach ((string name, PolicySource policy, int? step) in policies)
        {
            PolicyReplies own = evaluation.Replies(name, policy, step, pipeline.HeldOut);
            LoggedFit fit = evaluation.Fit(name, policy, pipeline.HeldOut, logged);
            replies.Add(own);
            methods.Add(ResultsBuilder.Summarize(own, recipe.Evaluation.Confidence, recipe.Seed) with
            {
                Perplexity = fit.Perplexity,
                PairAccuracy = Share(fit.Pairs, recipe, "pairs"),
                PairAccuracyPerToken = Share(fit.PairsPerToken, recipe, "pairs per token"),
                Diagnostics = diagnostics.GetValueOrDefault(name),
            });
        }
        RunResults results = Described(pipeline) with
        {
            Methods = methods,
            Paired = ResultsBuilder.Compare(replies, recipe.Evaluation.Confidence, recipe.Seed),
            Judged = JudgeStage.AgainstFirst(context, pipeline.Data.HeldOut.Examples, replies),
            Notes = [.. Notes(pipeline), .. diagnostics.SelectMany(pair => pair.Value.Warnings(pair.Key))],
        };
        string folder = Directory.CreateDirectory(context.PathOf("report")).FullName;
        foreach (PolicyReplies own in replies) WriteReplies(Path.Combine(folder, $"replies-{own.Name}.jsonl"), own);
        AtomicFile.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(results, RunResults.Json) + "\n");
        WriteForPeople(pipeline, folder, results, replies);
        return results;
    }

    /// <summary>Results that say what was measured and with what; the figures are still to come.</summary>
    public static RunResults Described(RunPipeline pipeline)
    {
        Recipe recipe = pipeline.Context.Recipe;
        return new RunResults
        {
            Name = recipe.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(recipe.Output)),
            Preset = recipe.Preset.ToString().ToLowerInvariant(),
            Seed = recipe.Seed,
            Confidence = recipe.Evaluation.Confidence,
            Methods = [],
            Paired = [],
            HoldOutRewards = pipeline.Rewards.HoldOut is { Count: > 0 } heldOutRewards ? heldOutRewards : null,
            TrainRewards = pipeline.Rewards.Diagnostics.Rewards,
            ValueHead = pipeline.Methods.Count > 0 ? DiagnosticsStage.OfValues(pipeline.Values) : null,
            Versions = new Dictionary<string, string>
            {
                ["leftover"] = RunContext.Version,
                ["dotnet"] = Environment.Version.ToString(),
                ["kernels"] = Instructions.Current.ToString(),
                ["dtype"] = pipeline.Context.ComputeType.Describe(),
                ["weights_of_replies"] = ConfigSchema.Name(recipe.Generation.WeightDtype),
            },
            Hashes = new Dictionary<string, string>
            {
                ["base_model"] = pipeline.Base.Hash,
                ["reference"] = pipeline.Reference.Hash,
                ["tokenizer_and_template"] = pipeline.Coding.Hash,
                ["rewards"] = pipeline.Rewards.Hash,
            },
        };
    }

    /// <summary>Refuses to begin where there are too few prompts to compare policies on.</summary>
    /// <exception cref="DataException">There are fewer than 2.</exception>
    public static void CheckHeldOut(RunPipeline pipeline)
    {
        if (pipeline.Data.HeldOut.Examples.Count == 0)
            throw new DataException("There are no held-out rows to evaluate on; name files under data.held_out, or a share of the train rows under data.hold_out.");

        int heldOut = Math.Min(pipeline.Context.Recipe.Evaluation.MaxPrompts ?? int.MaxValue, pipeline.HeldOut.Prompts.Count);
        if (heldOut < 2)
            throw new DataException($"Policies are compared prompt by prompt, and there is {heldOut} held-out prompt; an interval needs at least 2. Name more rows under data.held_out, a larger share under data.hold_out, or raise evaluation.max_prompts.");
    }

    private static void WriteForPeople(RunPipeline pipeline, string folder, RunResults results, List<PolicyReplies> replies)
    {
        RunContext context = pipeline.Context;
        string[] labels = [.. pipeline.Methods.Select(method => method.Label)];
        string[] data = [.. DataSummary.Of(pipeline.Data).SelectMany(set => set.Lines())];
        var input = new ReportInput
        {
            Results = results,
            Replies = replies,
            MetricsFiles = labels.ToDictionary(label => label, label => context.PathOf("methods", label, "metrics.jsonl")),
            AdvantageFiles = labels.ToDictionary(label => label, label => context.PathOf("methods", label, "advantages.jsonl")),
            RecipeYaml = context.Recipe.ToYaml(),
            DataSummary = data,
        };
        HtmlReport.Write(Path.Combine(folder, "report.html"), input);
        AtomicFile.WriteAllText(Path.Combine(folder, "report.md"), MarkdownReport.Text(input));
        foreach ((Method method, string label, _) in pipeline.Methods)
        {
            AtomicFile.WriteAllText(context.PathOf("methods", label, "model", "README.md"), ModelCard.Text(new ModelCardInput
            {
                Results = results,
                Method = label,
                Algorithm = method.Algorithm["name"] ?? label,
                BaseModel = context.Recipe.Model.Path is { } path ? Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) : null,
                SettingsYaml = input.RecipeYaml,
                DataSummary = data,
            }));
        }
    }

    private static double[]? Logged(RunPipeline pipeline)
    {
        try
        {
            return pipeline.Rewards.ScoreLogged(pipeline.Data.HeldOut.Examples);
        }
        catch (DataException)
        {
            return null;                                     // held-out rows need not record the rewards
        }
    }

    private static Estimate? Share(double[] wins, Recipe recipe, string purpose) =>
        wins.Length < 2 ? null : ResultsBuilder.Mean(wins, recipe.Evaluation.Confidence, recipe.Seed, purpose);

    /// <summary>What a reader should know of rewards and values before believing the figures.</summary>
    public static List<string> Notes(RunPipeline pipeline)
    {
        List<string> notes = [.. pipeline.Rewards.Combiner.Warnings, .. pipeline.Rewards.Diagnostics.Warnings];
        if (pipeline.Methods.Count > 0) notes.Add(pipeline.Values.Text);            // without methods nobody asked for values
        if (!pipeline.Rewards.ScoresText)
            notes.Add("The combined reward is, at least in part, a column of the data: it cannot score new replies, so there is no 'total' here. Rewards that can are listed each for itself.");
        return notes;
    }

    private static void WriteReplies(string path, PolicyReplies policy) => AtomicFile.WriteAllText(path, string.Concat(policy.Replies.Select(reply => JsonSerializer.Serialize(reply, s_line) + "\n")));

    private static readonly JsonSerializerOptions s_line = new(RunResults.Json) { WriteIndented = false };
}
