using System.Text.Json.Nodes;

namespace Leftover.Tokenization;

/// <summary>What the files beside a vocabulary say of a tokenizer.</summary>
internal sealed record TokenizerSettings
{
    public string? BeginOfSequence { get; init; }
    public string? EndOfSequence { get; init; }
    public string? Pad { get; init; }
    public string? Unknown { get; init; }

    /// <summary>The ends of sequence that the generation settings list.</summary>
    public IReadOnlyList<int> GenerationEnds { get; init; } = [];

    /// <summary>The chat template's source.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The kind of tokenizer, as tokenizer_config.json names it.</summary>
    public string? TokenizerClass { get; init; }

    /// <summary>Whether the begin of sequence is put before a text, where tokenizer_config.json says so.</summary>
    public bool? AddsBegin { get; init; }

    /// <summary>Whether the end of sequence is put behind a text, where tokenizer_config.json says so.</summary>
    public bool? AddsEnd { get; init; }

    /// <summary>tokenizer_config.json as it was, to be written again.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>special_tokens_map.json as it was, to be written again.</summary>
    public JsonObject? SpecialTokensMap { get; init; }

    /// <summary>Tokens that tokenizer_config.json lists under added_tokens_decoder.</summary>
    public IReadOnlyList<Pipeline.AddedToken> AddedTokens { get; init; } = [];
}
