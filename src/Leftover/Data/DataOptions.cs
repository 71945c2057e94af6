using Leftover.Runs;

namespace Leftover.Data;

/// <summary>Which files are read, what their columns mean, and which rows go where.</summary>
public sealed record DataOptions
{
    /// <summary>Files to learn from. Default none.</summary>
    public IReadOnlyList<DataSource> Train { get; init; } = [];

    /// <summary>Files whose prompts estimate the reference policy's value and select checkpoints. Default none.</summary>
    public IReadOnlyList<DataSource> Validation { get; init; } = [];

    /// <summary>Files that are evaluated on. Default none; with <see cref="HoldOut"/> and none named, the held-out rows of <see cref="Train"/>.</summary>
    public IReadOnlyList<DataSource> HeldOut { get; init; } = [];

    /// <summary>What the columns mean, for files that do not say otherwise. Default: decided by the first rows of each.</summary>
    public DataFormat Format { get; init; } = DataFormat.Auto;

    /// <summary>The file's own name for a column, for example {prompt: question}; a dotted name reaches into an object ({prompt: prompt.text}). Default none.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>The rows of the train files that are held out: never trained on. A file named under train and under held_out is divided by it. Default none.</summary>
    public HoldOut? HoldOut { get; init; }

    /// <summary>What becomes of a prompt that occurs in the train set and in the held-out set. Default: an error.</summary>
    public OverlapPolicy Overlap { get; init; } = OverlapPolicy.Error;

    /// <summary>What is done to recorded rewards on reading. Default: sigmoid for the A-LoL format, whose rewards are logits, nothing for others.</summary>
    public RewardTransform RewardTransform { get; init; } = RewardTransform.Auto;

    /// <summary>Columns of text that are kept with each example, for rewards that read them; set out of the rewards, not in a recipe. Default none.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>True leaves rows out that cannot be used, and counts them; false makes the first of them an error. Default false.</summary>
    public bool SkipInvalid { get; init; }
}

/// <summary>One file of a set. A plain path stands for the record with that path.</summary>
[Shorthand(nameof(Path))]
public sealed record DataSource
{
    /// <summary>The file: .jsonl, .json (an array, or lines), .csv, .tsv, .txt, each also with .gz. Relative to the recipe's folder.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>What the columns mean. Default: as for the whole section.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>The file's own names of columns, on top of the section's. Default none.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>A name for reports, where rows carry no <c>source</c> of their own. Default: none.</summary>
    public string? Source { get; init; }

    /// <summary>False where a CSV or TSV file has no header: its columns are then named 0, 1, 2, …. Default true.</summary>
    public bool Header { get; init; } = true;

    /// <summary>Lines to leave out. Default none.</summary>
    public IReadOnlyList<LineFilter> Lines { get; init; } = [];

    /// <summary>The held-out rows of this file. Default: as for the whole section.</summary>
    public HoldOut? HoldOut { get; init; }

    /// <summary>What is done to the rewards of this file. Default: as for the whole section.</summary>
    public RewardTransform? RewardTransform { get; init; }

    /// <summary>At most so many lines are kept, the first ones; lines, ≥ 1. Default: all.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, int.MaxValue)]
    public int? MaxRows { get; init; }
}

/// <summary>What becomes of a prompt that is trained on and held out.</summary>
public enum OverlapPolicy
{
    /// <summary>An error that lists such prompts.</summary>
    Error,

    /// <summary>Its rows are taken out of the train set and counted.</summary>
    Drop,

    /// <summary>It stays in both and is counted.</summary>
    Allow,
}

/// <summary>What is done to a recorded reward on reading.</summary>
public enum RewardTransform
{
    /// <summary>Sigmoid for the A-LoL format, nothing for others.</summary>
    Auto,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>1 / (1 + e^−r): a reward model's logit becomes a reward in (0, 1).</summary>
    Sigmoid,
}
