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
    public static StepPlan Of(SamplingPlan plan, IReadOnlyList<TrainingRow> rows, TrainingOptions options) =>
        Of(plan, [.. rows.Select(row => (IReadOnlyList<TrainingRow>)[row])], options, "completions");

    /// <summary>The steps that the options ask for, over groups of rows that stay together.</summary>
    /// <param name="plan">The order of the groups; made with <see cref="SampledTogether"/>.</param>
    /// <param name="groups">The groups, by the plan's numbers; each has rows of one prompt.</param>
    /// <param name="options">How many steps, and what makes one: a batch's size is counted in groups.</param>
    /// <param name="unit">What a group is called, in the plural.</param>
    public static StepPlan Of(SamplingPlan plan, IReadOnlyList<IReadOnlyList<TrainingRow>> groups, TrainingOptions options, string unit)
    {
        int? given = options.Steps is { } steps && options.ScaleStepsByKept ? plan.Scaled(steps) : options.Steps;
        if (given is null && options.TotalTokens is { } total) given = StepsWithin(total, plan, groups, options);
        if (options.BatchTokens is null)
            return new StepPlan(given ?? plan.StepsFor(options.Epochs), step => Together([.. plan.Step(step)], groups), $"{plan.BatchSize} {unit}");

        int budget = StepTokens(options);
        IEnumerable<int> order = plan.Stream();
        if (given is null) order = order.Take((int)Math.Clamp(Math.Ceiling(options.Epochs * plan.Rows.Count), 1, int.MaxValue));
        List<int[]> cut = [.. Cut(order, groups, budget).Take(given ?? int.MaxValue)];
        return new StepPlan(cut.Count, step => Together(cut[step - 1], groups), $"at most {budget} tokens");
    }

    // A step may span two passes and hold a group twice; with numbers of their own the two stay two.
    private static IReadOnlyList<TrainingRow> Together(int[] step, IReadOnlyList<IReadOnlyList<TrainingRow>> groups)
    {
        if (step.Distinct().Count() == step.Length) return [.. step.SelectMany(i => groups[i])];
        return [.. step.SelectMany((i, number) => groups[i].Select(row => row.Group == TrainingRow.Alone ? row : row with { Group = number }))];
    }

    /// <summary>The rows of a step; rows of one prompt are neighbours where steps are cut by tokens.</summary>
    /// <param name="step">Its number, from 1.</param>
    public IReadOnlyList<TrainingRow> RowsOf(int step) => _rowsOf(step);

    // Whole steps whose input tokens, a prompt that a step's rows share counted once, stay within a number; at least one.
    private static int StepsWithin(long total, SamplingPlan plan, IReadOnlyList<IReadOnlyList<TrainingRow>> groups, TrainingOptions options)
    {
        IEnumerable<IReadOnlyList<int>> steps = options.BatchTokens is null ? Enumerable.Range(1, int.MaxValue).Select(plan.Step) : Cut(plan.Stream(), groups, StepTokens(options));
        int within = 0;
        foreach (IReadOnlyList<int> step in steps)
        {
            total -= BatchPacker.SizeOf([.. step.SelectMany(i => groups[i])]).Inputs;
            if (total < 0) break;
            within++;
        }
        return Math.Max(within, 1);
    }

    private static int StepTokens(TrainingOptions options) => (int)Math.Min((long)options.BatchTokens!.Value * options.GradientAccumulation, int.MaxValue);

    // Each step takes groups in their order as long as they fit, a prompt that they share counted once; a longer group stands alone.
    private static IEnumerable<int[]> Cut(IEnumerable<int> order, IReadOnlyList<IReadOnlyList<TrainingRow>> groups, int budget)
    {
        List<int> step = [];
        HashSet<PromptKey> prompts = [];
        int tokens = 0;
        foreach (int i in order)
        {
            int[] ids = groups[i][0].Prompt;
            var prompt = new PromptKey(ids);
            int completions = groups[i].Sum(row => row.Completion.Length), needed = completions + (prompts.Contains(prompt) ? 0 : ids.Length);
            if (step.Count > 0 && tokens + needed > budget)
            {
                yield return ByPrompt(step, groups);
                step = [];
                prompts.Clear();
                (tokens, needed) = (0, completions + ids.Length);
            }
            step.Add(i);
            prompts.Add(prompt);
            tokens += needed;
        }
        if (step.Count > 0) yield return ByPrompt(step, groups);
    }

    private static int[] ByPrompt(List<int> step, IReadOnlyList<IReadOnlyList<TrainingRow>> groups) =>
        [.. step.GroupBy(i => new PromptKey(groups[i][0].Prompt)).SelectMany(group => group)];
}
