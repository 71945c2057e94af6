using Leftover.Data.Shapes;
using Leftover.Runs;

namespace Leftover.Data;

/// <summary>What the first rows of a file say about all of it.</summary>
internal sealed record FileShape(DataFormat Format, IReadOnlyList<string> RewardNames, RewardTransform Transform, ExampleFactory Factory)
{
    /// <summary>The shape of a file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="options">The settings of all files.</param>
    /// <param name="first">Its first rows.</param>
    /// <param name="columns">Its own names of columns; those the file does not have are taken out where it uses the usual name.</param>
    /// <param name="needsCompletions">True where prompts alone are of no use.</param>
    /// <exception cref="DataException">The shape is not known, or a named column is not there.</exception>
    public static FileShape Of(DataSource source, DataOptions options, IReadOnlyList<RawRow> first, Dictionary<string, string> columns, bool needsCompletions)
    {
        List<Row> rows = [];
        List<DataProblem> problems = [];
        foreach (RawRow raw in first)
        {
            try
            {
                rows.Add(raw.Row());
            }
            catch (RowException e)
            {
                problems.Add(new DataProblem(source.Path, raw.Line, e.Message));
            }
        }

        if (rows.Count == 0)
            throw new DataException($"{source.Path}: none of its first {first.Count} rows can be read:\n  {string.Join("\n  ", problems.Take(3))}\n  Name the file after what it holds: .jsonl, .json, .csv, .tsv or .txt.");
        CheckColumns(source, rows, columns);
        DataFormat format = FormatOf(source, options, rows);
        if (format == DataFormat.Prompts && needsCompletions)
            throw new DataException($"{source.Path} has prompts without completions ({Row.Listing(rows[0].Names)}), which nothing can be learnt from. Name its completions with columns: {{completion: …}}, or put the file under validation or held_out.");

        IReadOnlyList<string> rewards = format switch
        {
            DataFormat.Rewarded or DataFormat.Alpaca or DataFormat.ShareGpt or DataFormat.Text =>
                [.. rows.SelectMany(r => RewardColumns.Names(r, columns)).Distinct().Order(StringComparer.Ordinal)],
            DataFormat.Ranked => rows.Select(RankedShape.RewardName).FirstOrDefault(n => n is not null) is { } name ? [name] : [],
            DataFormat.Preference => ["preference"],
            DataFormat.ALol => ["reward"],
            _ => [],
        };
        RewardTransform transform = TransformOf(source.RewardTransform ?? options.RewardTransform, format);
        return new FileShape(format, rewards, transform, new ExampleFactory(source, rewards, transform == RewardTransform.Sigmoid, options.Texts));
    }

    private static RewardTransform TransformOf(RewardTransform told, DataFormat format) =>
        told != RewardTransform.Auto ? told : format == DataFormat.ALol ? RewardTransform.Sigmoid : RewardTransform.None;

    private static DataFormat FormatOf(DataSource source, DataOptions options, List<Row> rows)
    {
        DataFormat told = source.Format ?? options.Format;
        if (told != DataFormat.Auto) return told;
        return RowShape.Detect(rows) ?? throw new DataException(
            $"{source.Path}({rows[0].Line}) has the columns {Row.Listing(rows[0].Names)}; none of the known shapes fits them: {RowShape.Known}. "
            + "Give the file's own names with columns, for example {prompt: question, completion: answer}.");
    }

    private static void CheckColumns(DataSource source, List<Row> rows, Dictionary<string, string> columns)
    {
        foreach ((string column, string name) in columns.ToArray())
        {
            if (ColumnNames.Problem(column) is { } problem) throw new DataException($"{source.Path}: columns.{column} {problem}");
            if (rows.Any(r => r.Find(column) is not null || r.Names.Contains(name))) continue;
            columns.Remove(column);
            if (rows.Any(r => r.Names.Contains(column))) continue;
            IReadOnlyList<string> names = [.. rows[0].Names];
            throw new DataException($"{source.Path}: columns.{column} is '{name}', which the file does not have{Spelling.Hint(name, names)} It has {Row.Listing(names)}.");
        }
    }
}
