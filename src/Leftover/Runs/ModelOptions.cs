using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace Leftover.Runs;

/// <summary>The model a run starts from. A plain path stands for the record with that path.</summary>
[Shorthand(nameof(Path))]
public sealed record ModelOptions
{
    /// <summary>A folder in Hugging Face layout. Default none: a new model of <see cref="Config"/>.</summary>
    [RecipePath]
    public string? Path { get; init; }

    /// <summary>The shape of a new model, with the keys of a Hugging Face <c>config.json</c>. Default none.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>The tokenizer's folder or file. Default: the model's own.</summary>
    [RecipePath]
    public string? Tokenizer { get; init; }

    /// <summary>Entries of a new tokenizer, trained on the train set where none is named; ≥ 300. Default: none is trained.</summary>
    [Range(300, 1_000_000)]
    public int? VocabularySize { get; init; }

    /// <summary>The reference policy, where it is not the model itself. Default: the model, after <c>sft</c> where that is on.</summary>
    [RecipePath]
    public string? Reference { get; init; }
}

/// <summary>How many tokens of a row are kept: prompts lose their beginning, completions their end.</summary>
public sealed record TruncationOptions
{
    /// <summary>Tokens of a prompt, at most; ≥ 1. Default 512.</summary>
    [Range(1, int.MaxValue)]
    public int MaxPromptTokens { get; init; } = 512;

    /// <summary>Tokens of a completion, at most, its end token included; ≥ 1. Default 128.</summary>
    [Range(1, int.MaxValue)]
    public int MaxCompletionTokens { get; init; } = 128;

    /// <summary>Tokens of prompt and completion together, at most; the prompt gives way. Default: the model's limit.</summary>
    [Range(2, int.MaxValue)]
    public int? MaxTokens { get; init; }

    /// <summary>The side on which a prompt is cut. Default left.</summary>
    public TruncationSide Side { get; init; } = TruncationSide.Left;

    /// <summary>True makes a row that would be cut an error, false cuts it and counts it. Default false.</summary>
    public bool Strict { get; init; }
}

/// <summary>The side on which a text is cut.</summary>
public enum TruncationSide
{
    /// <summary>Its beginning goes.</summary>
    Left,

    /// <summary>Its end goes.</summary>
    Right,
}
