using Leftover.Data.Shapes;

namespace Leftover.Data;

/// <summary>Which side of a hold-out is wanted of a file.</summary>
internal enum HoldOutSide
{
    /// <summary>Every row.</summary>
    All,

    /// <summary>Rows that are not held out.</summary>
    Rest,

    /// <summary>Rows that are.</summary>
    HeldOut,
}

/// <summary>Reads one file into the examples of one set.</summary>
internal static class SourceReader
{
    private const int PeekedRows = 20, KeptProblems = 1000;

    /// <summary>The examples and the report of a file.</summary>
    /// <exception cref="DataException">The file as a whole cannot be read; single bad rows are in the report.</exception>
    public static (List<Example> Examples, FileReport Report) Read(DataSource source, DataOptions options, HoldOut? holdOut, HoldOutSide side, bool needsCompletions)
    {
        HashSet<int> excluded = LineFilters.Excluded(source);
        Dictionary<string, string> columns = new(options.Columns);
        foreach ((string column, string name) in source.Columns) columns[column] = name;

        List<Example> examples = [];
        List<DataProblem> problems = [];
        Counts counts = new();
        FileShape? shape = null;
        List<RawRow> peeked = [];
        using IEnumerator<RawRow> rows = RowFile.Read(source, columns).GetEnumerator();
        while (true)
        {
            bool isMore = rows.MoveNext();
            if (isMore)
            {
                counts.Rows++;
                if (excluded.Contains(rows.Current.Number)) counts.Excluded++;
                else peeked.Add(rows.Current);
            }

            if (shape is null && isMore && peeked.Count < PeekedRows) continue;
            if (shape is null && counts.Rows == 0) throw new DataException($"{source.Path} is empty; it must hold at least one row.");
            if (shape is null && peeked.Count == 0) break;
            shape ??= FileShape.Of(source, options, peeked, columns, needsCompletions);
            foreach (RawRow row in peeked) Take(row, shape);
            peeked.Clear();
            if (!isMore) break;
        }

        return (examples, Report());

        void Take(RawRow raw, FileShape found)
        {
            if (counts.Kept >= (source.MaxRows ?? int.MaxValue))
            {
                counts.Excluded++;
                return;
            }

            if (holdOut is { By: HoldOutBy.Line } && !IsOn(side, (ulong)raw.Number, holdOut))
            {
                counts.Elsewhere++;
                return;
            }

            try
            {
                IReadOnlyList<Example> made = RowShape.Read(found.Format, raw.Row(), found.Factory);
                if (holdOut is { By: HoldOutBy.Prompt } && !IsOn(side, PromptIdentity.Number(made[0]), holdOut))
                {
                    counts.Elsewhere++;
                    return;
                }

                counts.Kept++;
                if (made.Count > 1 && made.All(e => e.Completion == made[0].Completion)) counts.IdenticalPairs++;
                examples.AddRange(made);
            }
            catch (RowException e)
            {
                counts.Skipped++;
                if (problems.Count < KeptProblems) problems.Add(new DataProblem(source.Path, raw.Line, e.Message));
            }
        }

        FileReport Report() => new()
        {
            File = source.Path,
            Format = shape?.Format ?? DataFormat.Auto,
            Rows = counts.Rows,
            Kept = counts.Kept,
            Excluded = counts.Excluded,
            Elsewhere = counts.Elsewhere,
            Skipped = counts.Skipped,
            Problems = problems,
            IdenticalPairs = counts.IdenticalPairs,
            Rewards = shape?.RewardNames ?? [],
            RewardTransform = shape?.Transform ?? RewardTransform.None,
        };
    }

    private static bool IsOn(HoldOutSide side, ulong number, HoldOut holdOut)
    {
        bool isHeldOut = number % (ulong)holdOut.Modulo == (ulong)(holdOut.Remainder ?? holdOut.Modulo - 1);
        return side == HoldOutSide.All || isHeldOut == (side == HoldOutSide.HeldOut);
    }

    private sealed class Counts
    {
        public int Rows, Kept, Excluded, Elsewhere, Skipped, IdenticalPairs;
    }
}
