using Leftover.Algorithms;
using Leftover.Data;
using Leftover.Rewards;

namespace Leftover.Runs;

/// <summary>What no single key can tell: keys that do not go together.</summary>
internal static class RecipeChecks
{
    public static void Report(Recipe recipe, ConfigBinder binder)
    {
        CheckHoldOut(recipe.Data.HoldOut, "data.hold_out");
        CheckColumns(recipe.Data.Columns, "data.columns");
        foreach ((string set, IReadOnlyList<DataSource> sources) in Sets(recipe.Data))
        {
            for (int i = 0; i < sources.Count; i++)
            {
                CheckHoldOut(sources[i]?.HoldOut, $"data.{set}[{i}].hold_out");
                CheckColumns(sources[i]?.Columns, $"data.{set}[{i}].columns");
            }
        }

        foreach (TrainingOptions training in recipe.Methods.Where(m => m is not null).Select(m => m.Training).Prepend(recipe.Training))
        {
            if (training is { BatchTokens: not null, AccumulationReduction: AccumulationReduction.Sum })
                binder.Report("training.batch_tokens", "recipe", "does not go with accumulation_reduction: sum, which adds up the means of batches of one size; leave one of the two out.");
        }

        for (int i = 0; i < recipe.Methods.Count; i++)
        {
            string path = $"methods[{i}]";
            if (recipe.Methods[i]?.Algorithm is not { } section || binder.Problems.Any(p => p.Key.StartsWith(path, StringComparison.Ordinal))) continue;
            Algorithm algorithm = section.Bind<Algorithm>();
            foreach (string problem in algorithm.Problems()) binder.Report(path, "recipe", problem);
            if (algorithm.NeedsWholeStep && recipe.Methods[i].Training is { GradientAccumulation: > 1, BatchTokens: null } cut)
                binder.Report("training.gradient_accumulation", "recipe", $"is {cut.GradientAccumulation}, and {section["name"]} with this loss_type compares all answers of a step with each other: set it to 1 and batch_size to {cut.BatchSize * cut.GradientAccumulation}.");
        }

        CheckCompare(recipe, binder);
        CheckUnique([.. recipe.Methods.Where(m => m?.Algorithm is not null).Select(m => m.Label ?? m.Algorithm["name"]!)], "methods", "label");
        CheckUnique([.. recipe.Rewards.Where(r => r?.Reward is not null).Select(r => r.Name ?? r.Reward["type"]!)], "rewards", "name");
        for (int i = 0; i < recipe.Rewards.Count; i++)
        {
            string path = $"rewards[{i}]";
            if (binder.Problems.Any(p => p.Key.StartsWith(path, StringComparison.Ordinal))) continue;
            foreach (string problem in Problems(recipe.Rewards[i])) binder.Report(path, "recipe", problem);
        }
        if (recipe.Rewards.Count > 0 && recipe.Rewards.All(r => r is { HoldOut: true }))
            binder.Report("rewards", "recipe", "are all held out (hold_out: true), so nothing is left to train on; name a reward without it.");

        if (recipe.Evaluation?.Judge is { } judge && !binder.Problems.Any(p => p.Key.StartsWith("evaluation.judge", StringComparison.Ordinal)))
            foreach (string problem in judge.Problems()) binder.Report("evaluation.judge", "recipe", problem);

        void CheckColumns(IReadOnlyDictionary<string, string>? columns, string path)
        {
            foreach (string column in columns?.Keys ?? [])
                if (ColumnNames.Problem(column) is { } problem) binder.Report($"{path}.{column}", "recipe", problem);
        }

        void CheckHoldOut(HoldOut? holdOut, string path)
        {
            if (holdOut is { Remainder: { } remainder } && remainder >= holdOut.Modulo)
                binder.Report($"{path}.equals", "recipe", $"is {remainder}; a remainder modulo {holdOut.Modulo} lies in [0, {holdOut.Modulo - 1}].");
        }

        void CheckUnique(IReadOnlyList<string> names, string list, string key)
        {
            foreach (IGrouping<string, string> same in names.GroupBy(n => n).Where(g => g.Count() > 1))
                binder.Report(list, "recipe", $"name '{same.Key}' {same.Count()} times; give each its own '{key}'.");
        }
    }

    private static void CheckCompare(Recipe recipe, ConfigBinder binder)
    {
        ComparisonOptions compare = recipe.Compare;
        if (compare.Seeds.Count == 0) binder.Report("compare.seeds", "recipe", "is empty; give at least one seed, for example [1, 2, 3, 4, 5].");
        if (compare.Seeds.Distinct().Count() < compare.Seeds.Count) binder.Report("compare.seeds", "recipe", "names a seed twice, which would count one training as two.");
        if (compare.Noise.Any(share => share is not (>= 0 and < 1))) binder.Report("compare.noise", "recipe", "holds a share outside [0, 1), for example [0, 0.25, 0.5].");
        if (compare.Noise.Any(share => share > 0) && recipe.Rewards.FirstOrDefault(term => term is { Normalizer: not RewardNormalizer.None }) is { } normalized)
            binder.Report("compare.noise", "recipe", $"compares rewards after different logs, and a normalizer ({ConfigSchema.Name(normalized.Normalizer)}) is fitted on each log anew: the figures would not be on one scale. Leave normalizers out.");
        string[] budgets = [.. new[] { ("tokens", compare.Budget.Tokens is not null), ("minutes", compare.Budget.Minutes is not null), ("steps", compare.Budget.Steps is not null) }.Where(budget => budget.Item2).Select(budget => budget.Item1)];
        if (budgets.Length > 1) binder.Report("compare.budget", "recipe", $"gives {string.Join(" and ", budgets)}; what is equal is counted in one of them.");
    }

    private static IEnumerable<string> Problems(RewardTerm term)
    {
        if (term.Lower > term.Upper) yield return $"lower is {term.Lower} and upper {term.Upper}; lower must be at most upper.";
        if (term.HoldOut && (term.Weight != 1 || term.Normalizer != RewardNormalizer.None || term.Lower is not null || term.Upper is not null))
            yield return "hold_out: true keeps it out of the combined reward, so weight, normalizer, lower and upper do not go with it; leave them out.";
        RewardSource source = term.Reward.Bind<RewardSource>();
        if (term.HoldOut && !source.ReadsText) yield return "hold_out: true scores new replies, and a column of the data cannot; hold out a reward that reads text.";
        foreach (string problem in source.Problems()) yield return problem;
    }

    private static IEnumerable<(string Set, IReadOnlyList<DataSource> Sources)> Sets(DataOptions data) =>
        [("train", data.Train), ("validation", data.Validation), ("held_out", data.HeldOut)];
}
