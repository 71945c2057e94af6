using Leftover.Advantages;
using Leftover.Batches;
using Leftover.Runs;

namespace Leftover.Training;

/// <summary>The rows of every step: so many completions each, or as many as a number of tokens holds.</summary>
/// <remarks>It follows from the sampling plan alone, so a resumed run needs no state and threads change nothing.</remarks>
public sealed class StepPlan
{
    private const int Block = 64;                            // rows that are drawn at a time where steps are cut by tokens

    private readonly Func<int, IReadOnlyList<TrainingRow>> _rowsOf;

    private StepPlan(int steps, Func<int, IReadOnlyList<TrainingRow>> rowsOf, string stepText) => (Steps, _rowsOf, StepText) = (steps, rowsOf, stepText);

    /// <summary>Steps in all.</summary>
    public int Steps { get; }

    /// <summary>What a step is, for people.</summary>
    public string StepText { get; }

    /// <summary>The rows of all steps, in their order.</summary>
    public IEnumerable<IReadOnlyList<TrainingRow>> All => Enumerable.Range(1, Steps).Select(RowsOf);

    /// <summary>Rows a step that the sampling plan of these options is made with.</summary>
    public static int SampledTogether(TrainingOptions options) => options.BatchTokens is null ? options.BatchSize * options.GradientAccumulation : Block;

    /// <summary>The steps that the options ask for.</summary>
    /// <param name="plan">The order of the rows; made with <see cref="SampledTogether"/>.</param>
    /// <param name="rows">The rows, by the plan's numbers.</param>
    /// <param name="options">How many steps, and what makes one.</param>
    public static StepPlan Of(SamplingPlan plan, IReadOnlyList<TrainingRow> rows, TrainingOptions options)
    {
        int? given = options.Steps is { } steps && options.ScaleStepsByKept ? plan.Scaled(steps) : options.Steps;
        if (given is null && options.TotalTokens is { } total) given = StepsWithin(total, plan, rows, options);
        if (options.BatchTokens is null)
            return new StepPlan(given ?? plan.StepsFor(options.Epochs), step => [.. plan.Step(step).Select(i => rows[i])], $"{plan.BatchSize} completions");

        int budget = StepTokens(options);
        IEnumerable<int> order = plan.Stream();
        if (given is null) order = order.Take((int)Math.Clamp(Math.Ceiling(options.Epochs * plan.Rows.Count), 1, int.MaxValue));
        List<int[]> cut = [.. Cut(order, rows, budget).Take(given ?? int.MaxValue)];
        return new StepPlan(cut.Count, step => [.. cut[step - 1].Select(i => rows[i])], $"at most {budget} tokens");
    }

    /// <summary>The rows of a step; rows of one prompt are neighbours where steps are cut by tokens.</summary>
    /// <param name="step">Its number, from 1.</param>
    public IReadOnlyList<TrainingRow> RowsOf(int step) => _rowsOf(step);

    // Whole steps whose input tokens, a prompt that a step's rows share counted once, stay within a number; at least one.
    private static int StepsWithin(long total, SamplingPlan plan, IReadOnlyList<TrainingRow> rows, TrainingOptions options)
    {
        IEnumerable<IReadOnlyList<int>> steps = options.BatchTokens is null ? Enumerable.Range(1, int.MaxValue).Select(plan.Step) : Cut(plan.Stream(), rows, StepTokens(options));
        int within = 0;
        foreach (IReadOnlyList<int> step in steps)
        {
            total -= BatchPacker.Pack([.. step.Select(i => rows[i])]).Tokens.Length;
            if (total < 0) break;
            within++;
        }
        return Math.Max(within, 1);
    }

    private static int StepTokens(TrainingOptions options) => (int)Math.Min((long)options.BatchTokens!.Value * options.GradientAccumulation, int.MaxValue);

    // Each step takes rows in their order as long as they fit, a prompt that they share counted once; a longer row stands alone.
    private static IEnumerable<int[]> Cut(IEnumerable<int> order, IReadOnlyList<TrainingRow> rows, int budget)
    {
        List<int> step = [];
        HashSet<PromptKey> prompts = [];
        int tokens = 0;
        foreach (int i in order)
        {
            TrainingRow row = rows[i];
            var prompt = new PromptKey(row.Prompt);
            int needed = row.Completion.Length + (prompts.Contains(prompt) ? 0 : row.Prompt.Length);
            if (step.Count > 0 && tokens + needed > budget)
            {
                yield return ByPrompt(step, rows);
                step = [];
                prompts.Clear();
                (tokens, needed) = (0, row.Length);
            }
            step.Add(i);
            prompts.Add(prompt);
            tokens += needed;
        }
        if (step.Count > 0) yield return ByPrompt(step, rows);
    }

    private static int[] ByPrompt(List<int> step, IReadOnlyList<TrainingRow> rows) => [.. step.GroupBy(i => new PromptKey(rows[i].Prompt)).SelectMany(group => group)];
}
