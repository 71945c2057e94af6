using System.Globalization;
using Leftover.Data;
using Leftover.Runs;

namespace Leftover.RewardModels;

/// <summary>Makes a reward model's items out of examples, and refuses those that it cannot learn from.</summary>
internal static class RewardItems
{
    private const int ShownProblems = 10;

    /// <summary>What the rows are fit for: pairs, labels or rewards, in that order.</summary>
    /// <exception cref="DataException">They are fit for nothing.</exception>
    public static RewardTask TaskOf(IReadOnlyList<Example> examples, RewardTask told)
    {
        if (told != RewardTask.Auto) return told;
        if (examples.Any(example => example.SftTarget is not null)) return RewardTask.Preference;
        if (examples.Any(example => example.Label is not null)) return RewardTask.Classification;
        if (examples.Any(example => example.Rewards.Count > 0)) return RewardTask.Regression;
        throw new DataException("The rows hold nothing that a reward model could learn: no pair (chosen and rejected), no 'label', no 'reward'. Name the file's own column, for example data.columns: {label: is_toxic}.");
    }

    /// <summary>The classes of a classification.</summary>
    /// <param name="train">The train set.</param>
    /// <param name="told">Those the recipe names; empty for those of the train set.</param>
    /// <exception cref="DataException">There are fewer than two.</exception>
    public static IReadOnlyList<string> LabelsOf(IReadOnlyList<Example> train, IReadOnlyList<string> told)
    {
        string[] found = [.. train.Select(example => example.Label).OfType<string>().Distinct(StringComparer.Ordinal)];
        bool areNumbers = found.All(label => double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
        IReadOnlyList<string> labels = told.Count > 0 ? told : areNumbers
            ? [.. found.OrderBy(label => double.Parse(label, NumberStyles.Float, CultureInfo.InvariantCulture))]
            : [.. found.Order(StringComparer.Ordinal)];
        if (labels.Distinct(StringComparer.Ordinal).Count() < labels.Count) throw new DataException($"reward_model.labels names a class twice: {string.Join(", ", labels)}.");
        if (labels.Count < 2)
            throw new DataException(labels.Count == 0
                ? "No row has a 'label', which classification needs. Name the file's own column, for example data.columns: {label: is_toxic}."
                : $"All rows are of one class, '{labels[0]}'; classification needs at least two.");
        if (told.Count > 0 && labels.Except(found, StringComparer.Ordinal).ToArray() is { Length: > 0 } absent)
            throw new DataException($"reward_model.labels names {string.Join(", ", absent)}, of which the train set has no row; it has {(found.Length == 0 ? "no label at all" : string.Join(", ", found))}.");
        return labels;
    }

    /// <summary>The items of a set.</summary>
    /// <param name="examples">Its examples; the answers to be compared with each other share file and line.</param>
    /// <param name="task">What is learnt; not auto.</param>
    /// <param name="options">The recipe's section.</param>
    /// <param name="labels">The classes; for classification.</param>
    /// <param name="encode">A row's token ids.</param>
    /// <param name="skipInvalid">True leaves out rows that cannot be used, and tells of them; false refuses them all.</param>
    /// <param name="problems">Gets what was left out.</param>
    /// <exception cref="DataException">A row cannot be used.</exception>
    public static List<RewardItem> Of(
        IReadOnlyList<Example> examples, RewardTask task, RewardModelOptions options, IReadOnlyList<string> labels, Func<Example, int[]> encode, bool skipInvalid, List<DataProblem> problems)
    {
        List<RewardItem> items = [];
        List<DataProblem> found = [];
        foreach (Example[] group in task == RewardTask.Preference ? examples.GroupBy(row => (row.File, row.Line)).Select(rows => rows.ToArray()) : examples.Select(row => new[] { row }))
        {
            try
            {
                items.AddRange(task switch
                {
                    RewardTask.Preference => Pairs(group, options, encode),
                    RewardTask.Classification => [Labelled(group[0], labels, encode)],
                    _ => [Valued(group[0], options, encode)],
                });
            }
            catch (RowException problem)
            {
                found.Add(new DataProblem(group[0].File, group[0].Line, problem.Message));
            }
        }
        problems.AddRange(found);
        if (!skipInvalid && found.Count > 0)
            throw new DataException($"{found.Count} {(found.Count == 1 ? "row" : "rows")} cannot be used:\n  {string.Join("\n  ", found.Take(ShownProblems))}{(found.Count > ShownProblems ? $"\n  … and {found.Count - ShownProblems} more" : "")}\n  Correct them, or leave such rows out with --skip-invalid.");
        return [.. items.Where(item => item.Weight > 0)];
    }

    private static RewardItem Labelled(Example row, IReadOnlyList<string> labels, Func<Example, int[]> encode)
    {
        string label = row.Label ?? throw new RowException("there is no 'label'; classification needs one a row. Name the file's own column, for example data.columns: {label: is_toxic}.");
        int number = labels.ToList().IndexOf(label);
        return number >= 0 ? new RewardItem(row, [row.Completion], [encode(row)]) { Label = number }
            : throw new RowException($"the label is '{label}', which is none of the {labels.Count} classes: {string.Join(", ", labels)}.");
    }

    private static RewardItem Valued(Example row, RewardModelOptions options, Func<Example, int[]> encode)
    {
        string name = options.Reward ?? (row.Rewards.Count == 1 ? row.Rewards.Keys.First()
            : throw new RowException(row.Rewards.Count == 0 ? "there is no reward; regression needs one a row. Name the file's own column, for example data.columns: {reward: score}."
                : $"there are several rewards: {string.Join(", ", row.Rewards.Keys)}; say which one is learnt with reward_model.reward."));
        double target = row.Rewards.TryGetValue(name, out double value) ? value : throw new RowException($"there is no reward '{name}'; the row has {(row.Rewards.Count == 0 ? "none" : string.Join(", ", row.Rewards.Keys))}.");
        if (options.Loss != RegressionLoss.SquaredError && target is < 0 or > 1) throw new RowException($"the reward '{name}' is {target}; with the loss {options.Loss} it must lie in [0, 1].");
        return new RewardItem(row, [row.Completion], [encode(row)]) { Target = target };
    }

    // The chosen answer against each other one; of ranked answers every better against every worse one.
    private static IEnumerable<RewardItem> Pairs(Example[] group, RewardModelOptions options, Func<Example, int[]> encode)
    {
        if (group.Length < 2) throw new RowException("there is one answer; a preference needs two, 'chosen' and 'rejected', or a ranked list of at least two.");
        bool isChoice = group.Length == 2 && group.Count(row => row.SftTarget == true) == 1;
        List<(Example Chosen, Example Rejected)> pairs = [];
        foreach (Example chosen in group)
            foreach (Example rejected in group)
                if (isChoice ? chosen.SftTarget == true && rejected.SftTarget != true : Reward(chosen) > Reward(rejected)) pairs.Add((chosen, rejected));
        if (pairs.Count == 0) throw new RowException("nothing tells which answer is better: all are rewarded alike.");
        if (pairs.Find(pair => pair.Chosen.Completion == pair.Rejected.Completion) is { Chosen: { } same }) throw new RowException($"the two answers of the pair are equal: \"{Row.Snippet(same.Completion)}\"; a preference needs two.");
        if (options.Margin && group.All(row => row.Rewards.ContainsKey("preference"))) throw new RowException("the answers have no scores of their own, which reward_model.margin asks for: give 'chosen_score' and 'rejected_score'.");

        Dictionary<Example, int[]> ids = new(ReferenceEqualityComparer.Instance);
        foreach (Example row in group) ids[row] = encode(row);
        foreach ((Example chosen, Example rejected) in pairs)
            yield return new RewardItem(chosen, [chosen.Completion, rejected.Completion], [ids[chosen], ids[rejected]]) { Margin = Reward(chosen) - Reward(rejected) };
    }

    private static double Reward(Example row) => row.Rewards.Count > 0 ? row.Rewards.Values.First() : row.SftTarget == true ? 1 : 0;
}
