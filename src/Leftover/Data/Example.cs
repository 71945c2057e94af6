using Leftover.Tokenization;

namespace Leftover.Data;

/// <summary>One prompt and one completion that already exists, with the rewards it earned and the place it was read from.</summary>
/// <remarks>Readers have checked it: the completion is not empty, every reward is finite, the weight is finite and not negative.</remarks>
public sealed record Example
{
    /// <summary>The row's own <c>id</c>, else <c>file:line</c>; <c>#n</c> is added for the n-th completion of a line that gives several.</summary>
    public required string Id { get; init; }

    /// <summary>The turns before the completion; a plain prompt is one user message, plain text to be continued has none.</summary>
    public required IReadOnlyList<ChatMessage> Prompt { get; init; }

    /// <summary>The contents of the prompt's turns, a blank line between them: a plain prompt as it stands in the row.</summary>
    public string PromptText => Prompt.Count == 1 ? Prompt[0].Content : string.Join("\n\n", Prompt.Select(turn => turn.Content));

    /// <summary>True where the row gave turns with roles, false where it gave plain text.</summary>
    public bool IsChat { get; init; }

    /// <summary>The answer to learn from, as it stands in the row; turns cut out of a transcript are trimmed. Empty only in rows of prompts alone.</summary>
    public required string Completion { get; init; }

    /// <summary>Each reward under its own name; a single <c>reward</c> column is named "reward". Empty where none was recorded.</summary>
    public IReadOnlyDictionary<string, double> Rewards { get; init; } = NoRewards;

    /// <summary>The class that the row's <c>label</c> column gives the text, as it is written there; null where there is none.</summary>
    public string? Label { get; init; }

    /// <summary>The columns of text that were asked for (<see cref="DataOptions.Texts"/>), by name; those that the row has.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = NoTexts;

    /// <summary>How much the row counts; no unit, ≥ 0. Default 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Where the row comes from, for breakdowns in reports: its own <c>source</c>, else its file's name.</summary>
    public string? Source { get; init; }

    /// <summary>The probability with which the logging policy gave this completion, in (0, 1]; null where it was not logged.</summary>
    public double? Propensity { get; init; }

    /// <summary>True for the chosen or best completion of its line, false for the others, null where a line gives one completion.</summary>
    public bool? SftTarget { get; init; }

    /// <summary>The same for all rows of one prompt: the row's own <c>group</c>, else a hash of the prompt.</summary>
    /// <remarks>Completions to be compared with each other, a pair or a ranking, also share <see cref="File"/> and <see cref="Line"/>.</remarks>
    public required string Group { get; init; }

    /// <summary>The file as it was named in the options.</summary>
    public required string File { get; init; }

    /// <summary>The 1-based line on which the row begins.</summary>
    public required int Line { get; init; }

    /// <summary>The prompt in token ids, for data that is no text; null where it is text.</summary>
    public int[]? PromptIds { get; init; }

    /// <summary>The completion in token ids, for data that is no text; null where it is text.</summary>
    public int[]? CompletionIds { get; init; }

    /// <summary>No column of text.</summary>
    internal static IReadOnlyDictionary<string, string> NoTexts { get; } = new Dictionary<string, string>();

    /// <summary>No reward at all.</summary>
    internal static IReadOnlyDictionary<string, double> NoRewards { get; } = new Dictionary<string, double>();
}
