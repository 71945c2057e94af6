namespace Leftover.Data;

/// <summary>What a set looks like, source by source: the figures to look at before anything is trained.</summary>
/// <param name="Name">The set: train, validation or held_out.</param>
/// <param name="Files">What each file gave.</param>
/// <param name="Sources">The figures of each source, by name.</param>
/// <param name="Duplicates">Rows with the same prompt and completion as one before them.</param>
public sealed record DataSummary(string Name, IReadOnlyList<FileReport> Files, IReadOnlyList<SourceSummary> Sources, int Duplicates)
{
    /// <summary>The summaries of all sets that have files.</summary>
    public static IReadOnlyList<DataSummary> Of(DataReport report) =>
        [.. report.Sets.Where(s => s.Set.Files.Count > 0).Select(s => new DataSummary(s.Name, s.Set.Files, SourceSummary.Of(s.Set.Examples), s.Set.Duplicates))];

    /// <summary>The summary in a few lines, for people.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Name}: {Sources.Sum(s => s.Examples)} completions of {Sources.Sum(s => s.Prompts)} prompts from {Files.Count} {(Files.Count == 1 ? "file" : "files")}";
        foreach (FileReport file in Files)
        {
            string left = string.Concat(Part(file.Excluded, "excluded"), Part(file.Elsewhere, "on the other side of the hold-out"), Part(file.Skipped, "skipped as invalid"));
            yield return $"  {DisplayPath.Of(file.File)}: {file.Rows} rows, {file.Kept} kept{left}";
        }

        foreach (SourceSummary source in Sources)
        {
            foreach ((string name, RewardSummary reward) in source.Rewards)
                yield return FormattableString.Invariant($"  {source.Source}: {name} {reward.Mean:F4} ± {reward.Deviation:F4} in [{reward.Least:G4}, {reward.Greatest:G4}]");
            if (source.ChosenEarnsMore is { } share) yield return FormattableString.Invariant($"  {source.Source}: the chosen completion earns more in {share:P1} of {source.Pairs} pairs");
        }

        int identical = Files.Sum(f => f.IdenticalPairs);
        if (Duplicates > 0) yield return $"  {Duplicates} completions occur more than once with the same prompt";
        if (identical > 0) yield return $"  {identical} rows compare a completion with itself";

        static string Part(int count, string what) => count > 0 ? $", {count} {what}" : "";
    }
}

/// <summary>The rows of one source.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Examples">Completions.</param>
/// <param name="Prompts">Different prompts.</param>
/// <param name="MeanCharacters">Mean length of a completion, in characters.</param>
/// <param name="Rewards">Each reward's figures, by name.</param>
/// <param name="Pairs">Rows that compare two completions.</param>
/// <param name="ChosenEarnsMore">
/// The share of pairs whose chosen completion earns more than the other, ties by half: near 1 the pairs were sorted by this reward, near 0.5 it does
/// not know what people chose. Null where there are no pairs with a reward of their own.
/// </param>
public sealed record SourceSummary(
    string Source, int Examples, int Prompts, double MeanCharacters, IReadOnlyDictionary<string, RewardSummary> Rewards, int Pairs, double? ChosenEarnsMore)
{
    internal static IReadOnlyList<SourceSummary> Of(IReadOnlyList<Example> examples) =>
        [.. examples.GroupBy(e => e.Source ?? "").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Of(g.Key, [.. g]))];

    private static SourceSummary Of(string source, IReadOnlyList<Example> examples)
    {
        SortedDictionary<string, RewardSummary> rewards = new(StringComparer.Ordinal);
        foreach (string name in examples.SelectMany(e => e.Rewards.Keys).Distinct())
            rewards[name] = RewardSummary.Of([.. examples.Where(e => e.Rewards.ContainsKey(name)).Select(e => e.Rewards[name])]);

        // Completions of one line stand one after another, the chosen one first or where the row says.
        double[] wins = [.. examples.GroupBy(e => (e.File, e.Line)).Where(IsPair).Select(pair => Win([.. pair]))];
        return new SourceSummary(
            source, examples.Count, examples.Select(e => e.Group).Distinct().Count(), examples.Average(e => e.Completion.Length), rewards,
            wins.Length, wins.Length == 0 ? null : wins.Average());
    }

    private static bool IsPair(IEnumerable<Example> line) =>
        line.Count() == 2 && line.Count(e => e.SftTarget == true) == 1 && line.All(e => e.Rewards.ContainsKey("reward"));

    private static double Win(IReadOnlyList<Example> pair)
    {
        double chosen = pair.Single(e => e.SftTarget == true).Rewards["reward"], other = pair.Single(e => e.SftTarget == false).Rewards["reward"];
        return chosen > other ? 1 : chosen == other ? 0.5 : 0;
    }
}

/// <summary>A reward's figures over some rows; the deviation is that of the rows (n).</summary>
public sealed record RewardSummary(double Mean, double Deviation, double Least, double Greatest)
{
    internal static RewardSummary Of(double[] values)
    {
        double mean = values.Average();
        return new RewardSummary(mean, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), values.Min(), values.Max());
    }
}
