using System.Text.Json.Serialization;
using Leftover.Runs;

namespace Leftover.Rewards.Programs;

/// <summary>Scores that a program prints: it reads one JSON object a line and writes one number a line.</summary>
/// <remarks>
/// A line in is <c>{"id": …, "prompt": …, "completion": …}</c> and the <see cref="Columns"/>; a line out is a number, or an object with a <c>score</c>
/// (and, where it has an <c>id</c>, that of its row). Lines out stand in the order of lines in, and each must be flushed. No shell is involved.
/// Scores are kept by everything in the line but the id, by the command and by the contents of its files.
/// </remarks>
public sealed record ProgramReward() : RewardSource("program")
{
    private const double LongestWait = 86_400;          // seconds

    /// <summary>The program and its arguments, a list; or one text, which is split at white space outside of quotes.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The program's working folder, at which names of files in the command start. Default: the recipe's folder.</summary>
    [RecipePath]
    public string Folder { get; init; } = ".";

    /// <summary>Files that its scores depend on, beside those that the command names: word lists, weights. Default none.</summary>
    [RecipePath]
    [RecipeKey("files")]
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Columns of the row that it is given too: recorded rewards or columns of text. Default none.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>True keeps the program running and sends it batch after batch; false starts it for each batch and closes its input, for programs that answer only at the end. Default true.</summary>
    public bool KeepAlive { get; init; } = true;

    /// <summary>Rows sent before their answers are awaited; ≥ 1. Default 64.</summary>
    [RecipeKey("batch_rows")]
    public int RowsAtOnce { get; init; } = 64;

    /// <summary>Seconds to wait for the next line, at most; > 0. Default 60.</summary>
    public double Timeout { get; init; } = 60;

    /// <summary>Seconds to wait for the first line after a start, at most; > 0. Default 600.</summary>
    public double StartTimeout { get; init; } = 600;

    /// <summary>How often the program is started again after it died or fell silent; ≥ 0. Default 3.</summary>
    public int Restarts { get; init; } = 3;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsCostly => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> ReadColumns => Columns;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Files => [.. Arguments().Select(word => Path.GetFullPath(word, Path.GetFullPath(Folder))).Where(File.Exists), .. DependsOn];

    /// <inheritdoc/>
    protected internal override RewardSource Identity =>
        new ProgramReward { Command = [.. Arguments().Select(word => Path.IsPathFullyQualified(word) && File.Exists(word) ? "file" : word)], Columns = Columns };

    /// <inheritdoc/>
    protected internal override string ScoreVersion => "1";              // the program computes, whatever this library's version

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (Command is null or { Count: 0 } || string.IsNullOrWhiteSpace(Command[0])) problems.Add("command is empty; it must name a program, with its arguments.");
        else if (CommandWords.Split(Command, out string? problem).Count == 0 || problem is not null) problems.Add($"command {problem}");
        if (RowsAtOnce < 1) problems.Add($"batch_rows is {RowsAtOnce}; it must be at least 1.");
        if (!(Timeout > 0 && Timeout <= LongestWait)) problems.Add($"timeout is {Timeout}; it must be above 0 and at most {LongestWait} seconds.");
        if (!(StartTimeout > 0 && StartTimeout <= LongestWait)) problems.Add($"start_timeout is {StartTimeout}; it must be above 0 and at most {LongestWait} seconds.");
        if (Restarts < 0) problems.Add($"restarts is {Restarts}; it must be at least 0.");
        foreach (string column in Columns)
            if (column is "id" or "prompt" or "completion") problems.Add($"columns names '{column}', which every row has; leave it out.");
        return problems;
    }

    /// <summary>The program and its arguments.</summary>
    internal IReadOnlyList<string> Arguments() => Command is { Count: > 0 } ? CommandWords.Split(Command, out _) : [];

    /// <inheritdoc/>
    protected internal override RewardScorer Open(RewardContext context) => new ProgramScorer(this, context);
}
