using System.Text;

namespace Leftover.Data;

/// <summary>Reads the files of a recipe's <c>data</c> section.</summary>
public static class ExampleReader
{
    private const int ShownProblems = 10;

    /// <summary>The sets, checked: every bad row is an error that names its file and line, or, with <see cref="DataOptions.SkipInvalid"/>, left out and counted.</summary>
    /// <exception cref="DataException">A file or a row cannot be used, or a prompt is trained on and held out; all problems are gathered.</exception>
    public static DataReport Read(DataOptions options)
    {
        List<string> failures = [];
        List<(DataSource Source, HoldOut? HoldOut)> train = [.. options.Train.Select(s => (s, s.HoldOut ?? options.HoldOut))];
        List<(DataSource Source, HoldOut? HoldOut)> heldOut = options.HeldOut.Count > 0
            ? [.. options.HeldOut.Select(s => (s, s.HoldOut ?? train.FirstOrDefault(t => SamePath(t.Source, s)).HoldOut))]
            : [.. train.Where(t => t.HoldOut is not null)];

        ExampleSet trainSet = ReadSet(train, HoldOutSide.Rest, needsCompletions: true);
        ExampleSet validationSet = ReadSet([.. options.Validation.Select(s => (s, s.HoldOut))], HoldOutSide.HeldOut, needsCompletions: false);
        ExampleSet heldOutSet = ReadSet(heldOut, HoldOutSide.HeldOut, needsCompletions: false);
        Fail(failures, options.SkipInvalid ? [] : [trainSet, validationSet, heldOutSet]);

        DataReport report = new() { Train = trainSet, Validation = validationSet, HeldOut = heldOutSet };
        return OverlapCheck.Apply(report, options.Overlap);

        ExampleSet ReadSet(IReadOnlyList<(DataSource Source, HoldOut? HoldOut)> sources, HoldOutSide side, bool needsCompletions)
        {
            List<Example> examples = [];
            List<FileReport> files = [];
            foreach ((DataSource source, HoldOut? holdOut) in sources)
            {
                try
                {
                    (List<Example> read, FileReport file) = SourceReader.Read(source, options, holdOut, holdOut is null ? HoldOutSide.All : side, needsCompletions);
                    examples.AddRange(read);
                    files.Add(file);
                }
                catch (DataException e)
                {
                    if (!failures.Contains(e.Message)) failures.Add(e.Message);
                }
            }

            return ExampleSets.Of(examples, files);
        }
    }

    private static bool SamePath(DataSource a, DataSource b) => Path.GetFullPath(a.Path) == Path.GetFullPath(b.Path);

    /// <summary>One error for all that stands against the files.</summary>
    private static void Fail(List<string> failures, IReadOnlyList<ExampleSet> sets)
    {
        List<FileReport> bad = [.. sets.SelectMany(s => s.Files).Where(f => f.Skipped > 0)];
        if (failures.Count + bad.Count == 0) return;

        StringBuilder message = new(string.Join('\n', failures));
        if (bad.Count > 0)
        {
            int count = bad.Sum(f => f.Skipped);
            List<DataProblem> problems = [.. bad.SelectMany(f => f.Problems).Distinct()];
            if (failures.Count > 0) message.Append('\n');
            message.Append($"{count} {(count == 1 ? "row" : "rows")} cannot be used:");
            foreach (DataProblem problem in problems.Take(ShownProblems)) message.Append($"\n  {problem}");
            if (count > ShownProblems) message.Append($"\n  … and {count - ShownProblems} more.");
            bool isReward = problems.Any(p => p.Message.Contains("a reward is a finite number", StringComparison.Ordinal));
            message.Append($"\n  {(isReward ? "Score the file again with `leftover reward`" : "Correct them")}, or leave such rows out with --skip-invalid.");
        }

        throw new DataException(message.ToString());
    }
}
