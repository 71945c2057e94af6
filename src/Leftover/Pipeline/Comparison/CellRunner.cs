using System.Globalization;
using Leftover.Algorithms;
using Leftover.Evaluation;
using Leftover.Evaluation.Comparison;
using Leftover.Reporting;
using Leftover.Runs;

namespace Leftover.Pipeline.Comparison;

/// <summary>Trains and measures the cells of one share of bad completions, or takes them where they are done.</summary>
/// <param name="level">The stages that the cells share.</param>
/// <param name="noise">The share of bad completions.</param>
internal sealed class CellRunner(RunPipeline level, double noise)
{
    private readonly RunContext _context = level.Context;
    private readonly string _shared = SharedKey(level);

    private EvaluationStage Evaluation => field ??= new EvaluationStage(_context, level.Coding, level.Reference, level.Rewards);

    /// <summary>What a cell is called.</summary>
    public static string Title(string label, long seed, double noise) =>
        string.Create(CultureInfo.InvariantCulture, $"{label}, seed {seed}") + (noise == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {100 * noise:0.##} % bad"));

    /// <summary>The reference policy, measured with a seed.</summary>
    public ComparedCell Reference(long seed)
    {
        CellFiles files = CellFiles.Of(_context, noise, ReportStage.ReferenceName, seed);
        string key = RunContext.Key(("shared", _shared), ("seed", $"{seed}"));
        return files.Read(key) ?? Done(files, Measured(key, ReportStage.ReferenceName, seed, new TrainedPolicy(level.Reference, 0, 0)) with { Step = null });
    }

    /// <summary>A method's policy, trained and measured with a seed.</summary>
    /// <param name="method">The method, within its budget.</param>
    /// <param name="label">Its label.</param>
    /// <param name="algorithm">Its algorithm.</param>
    /// <param name="seed">The seed.</param>
    public ComparedCell Trained(Method method, string label, Algorithm algorithm, long seed)
    {
        method = method with { Training = method.Training with { Seed = seed } };
        CellFiles files = CellFiles.Of(_context, noise, label, seed);
        string key = RunContext.Key(("shared", _shared), ("method", RecipeWriter.ToJson(method).ToJsonString()));
        if (files.Read(key) is not { } cell)
        {
            files.DropStale(key);
            cell = Done(files, Train(files, method, label, algorithm, seed, key));
        }
        if (!_context.Recipe.Compare.KeepModels) files.DropModel(keepsAdvantages: seed == _context.Recipe.Compare.Seeds[0]);
        return cell;
    }

    private ComparedCell Train(CellFiles files, Method method, string label, Algorithm algorithm, long seed, string key)
    {
        bool isFresh = !files.HasBegun;
        long began = _context.Clock.GetTimestamp();
        TrainedPolicy trained = level.TrainMethod(method, Title(label, seed, noise), algorithm, files.Folder);
        if (isFresh || files.ReadTime() is null) files.Write(new CellTime(_context.Clock.GetElapsedTime(began).TotalSeconds, isFresh));

        MetricSeries metrics = MetricSeries.Read(label, Path.Combine(files.Folder, "metrics.jsonl"));
        (int Step, double Tokens)[] tokens = [.. metrics.Of("train/num_tokens")];
        string score = metrics.Of("eval/reward").Any() ? "eval/reward" : "eval/score";
        return Measured(key, label, seed, trained) with
        {
            Tokens = (long)tokens.Sum(step => step.Tokens),
            Operations = metrics.Of("train/operations").Sum(step => step.Value),
            Curve = [.. metrics.Of(score).Select(point => new CurvePoint(point.Step, (long)tokens.Where(step => step.Step <= point.Step).Sum(step => step.Tokens), point.Value))],
        };
    }

    private ComparedCell Measured(string key, string label, long seed, TrainedPolicy policy)
    {
        string title = Title(label, seed, noise);
        PolicyReplies replies = Evaluation.Replies(title, policy.Source, policy.Step, level.HeldOut, seed);
        return new ComparedCell
        {
            Key = key,
            Method = label,
            Seed = seed,
            Noise = noise,
            Steps = policy.Steps,
            Step = policy.Step,
            Perplexity = Evaluation.Fit(title, policy.Source, level.HeldOut, logged: null).Perplexity,
            Replies = replies.Replies,
        };
    }

    private static ComparedCell Done(CellFiles files, ComparedCell cell)
    {
        files.Write(cell);
        return cell;
    }

    // All that a cell's result follows from, but for its method and seed.
    private static string SharedKey(RunPipeline level)
    {
        Recipe recipe = level.Context.Recipe;
        var rows = new RowHash();
        for (int i = 0; i < level.Train.Rows.Count; i++) rows.Add<int>(level.Train.Rows[i].Prompt).Add<int>(level.Train.Rows[i].Completion).Add<double>([level.Rewards.Totals[i], level.Values.OfRows[i], level.Train.Rows[i].Weight]);
        var prompts = new RowHash();
        foreach (int[] prompt in level.Validation.Prompts.Concat(level.HeldOut.Prompts)) prompts.Add<int>(prompt);
        return RunContext.Key(
            ("reference", level.Reference.Hash), ("coding", level.Coding.Hash), ("rewards", level.Rewards.Hash), ("rows", rows.End()), ("prompts", prompts.End()),
            ("generation", recipe.Generation.ToString()), ("evaluation", recipe.Evaluation.ToString()), ("dtype", level.Context.ComputeType.ToString()), ("seed", $"{recipe.Seed}"));
    }
}
