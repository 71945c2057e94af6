namespace Leftover.Data;

/// <summary>All that was read: the sets, and what was left out of them and why.</summary>
public sealed record DataReport
{
    /// <summary>The rows to learn from.</summary>
    public required ExampleSet Train { get; init; }

    /// <summary>The rows whose prompts estimate the value and select checkpoints.</summary>
    public required ExampleSet Validation { get; init; }

    /// <summary>The rows to evaluate on.</summary>
    public required ExampleSet HeldOut { get; init; }

    /// <summary>Prompts found in the train set and in the held-out set; with <see cref="OverlapPolicy.Drop"/> they are no longer in the train set.</summary>
    public IReadOnlyList<SharedPrompt> Overlap { get; init; } = [];

    /// <summary>Train rows taken out because their prompt is held out.</summary>
    public int DroppedForOverlap { get; init; }

    /// <summary>Held-out prompts that the validation set has too: the value estimate and the choice of checkpoints have seen them.</summary>
    public int ValidationPromptsHeldOut { get; init; }

    /// <summary>Rows left out because they cannot be used, of all sets; the first thousand.</summary>
    public IReadOnlyList<DataProblem> Problems => [.. Sets.SelectMany(s => s.Set.Files).SelectMany(f => f.Problems)];

    /// <summary>The three sets with their names in a recipe.</summary>
    public IReadOnlyList<(string Name, ExampleSet Set)> Sets => [("train", Train), ("validation", Validation), ("held_out", HeldOut)];
}

/// <summary>The rows of one set.</summary>
public sealed record ExampleSet
{
    /// <summary>The examples, file by file and line by line.</summary>
    public required IReadOnlyList<Example> Examples { get; init; }

    /// <summary>What each file gave.</summary>
    public required IReadOnlyList<FileReport> Files { get; init; }

    /// <summary>Rows with the same prompt and completion as one before them; they are kept.</summary>
    public int Duplicates { get; init; }

    /// <summary>Different prompts.</summary>
    public int Prompts { get; init; }
}

/// <summary>What one file gave to one set. Every row is counted in one of: kept, excluded, elsewhere, skipped.</summary>
public sealed record FileReport
{
    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>What its columns mean, told or found out.</summary>
    public required DataFormat Format { get; init; }

    /// <summary>Rows in the file.</summary>
    public int Rows { get; init; }

    /// <summary>Rows kept; a row may give several examples.</summary>
    public int Kept { get; init; }

    /// <summary>Rows that the line filters or the limit leave out.</summary>
    public int Excluded { get; init; }

    /// <summary>Rows that belong to the other side of the hold-out.</summary>
    public int Elsewhere { get; init; }

    /// <summary>Rows that cannot be used.</summary>
    public int Skipped { get; init; }

    /// <summary>Why, row by row; the first thousand.</summary>
    public IReadOnlyList<DataProblem> Problems { get; init; } = [];

    /// <summary>Kept rows whose completions are all the same text: a comparison without content.</summary>
    public int IdenticalPairs { get; init; }

    /// <summary>The rewards every row has.</summary>
    public IReadOnlyList<string> Rewards { get; init; } = [];

    /// <summary>What was done to recorded rewards: none or sigmoid.</summary>
    public RewardTransform RewardTransform { get; init; } = RewardTransform.None;
}

/// <summary>A row that cannot be used.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The 1-based line on which the row begins.</param>
/// <param name="Message">What was found and what is needed.</param>
public sealed record DataProblem(string File, int Line, string Message)
{
    /// <summary>The problem in one line: file(line): what.</summary>
    public override string ToString() => $"{DisplayPath.Of(File)}({Line}): {Message}";
}

/// <summary>A prompt of two sets.</summary>
/// <param name="Prompt">Its beginning.</param>
/// <param name="Train">Where the train set has it first.</param>
/// <param name="HeldOut">Where the held-out set has it first.</param>
public sealed record SharedPrompt(string Prompt, string Train, string HeldOut);
