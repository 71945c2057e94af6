namespace Leftover.Data.Shapes;

/// <summary>The shapes of rows, and how each becomes examples.</summary>
internal static class RowShape
{
    /// <summary>The columns a shape needs, for detection and for messages.</summary>
    private static readonly (DataFormat Format, string[] Columns)[] _shapes =
    [
        (DataFormat.ALol, ["prefix", "suffix"]),
        (DataFormat.Preference, ["chosen", "rejected"]),
        (DataFormat.Ranked, ["prompt", "completions"]),
        (DataFormat.Ranked, ["messages", "completions"]),
        (DataFormat.Rewarded, ["prompt", "completion"]),
        (DataFormat.Rewarded, ["messages"]),
        (DataFormat.ShareGpt, ["conversations"]),
        (DataFormat.Alpaca, ["instruction", "output"]),
        (DataFormat.Prompts, ["prompt"]),
        (DataFormat.Text, ["text"]),
    ];

    /// <summary>The shape of a file's first rows, or null where they have none that is known.</summary>
    public static DataFormat? Detect(IReadOnlyList<Row> rows)
    {
        foreach ((DataFormat format, string[] columns) in _shapes)
            if (columns.All(c => rows.Any(r => r.Has(c)))) return format;
        return null;
    }

    /// <summary>What an undetected file is told.</summary>
    public static string Known => string.Join("; ", _shapes.Select(s => string.Join(" + ", s.Columns)));

    /// <summary>The examples of a row: one, or several that are to be compared.</summary>
    /// <exception cref="RowException">The row is not of this shape.</exception>
    public static IReadOnlyList<Example> Read(DataFormat format, Row row, ExampleFactory factory) => format switch
    {
        DataFormat.Rewarded => [RewardedShape.Read(row, factory)],
        DataFormat.Preference => PreferenceShape.Read(row, factory),
        DataFormat.Ranked => RankedShape.Read(row, factory),
        DataFormat.ALol => ALolShape.Read(row, factory),
        DataFormat.Alpaca => [AlpacaShape.Read(row, factory)],
        DataFormat.ShareGpt => [ShareGptShape.Read(row, factory)],
        DataFormat.Text => [factory.Single(row, [], isChat: false, row.Text("text"))],
        DataFormat.Prompts => [PromptShape.Read(row, factory)],
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "The shape of a file must be known before its rows are read."),
    };
}
