using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>A token that is found in the text as it is, before the text is split.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Whether decoding can leave it out.</param>
internal sealed record AddedToken(int Id, string Content, bool Special)
{
    /// <summary>Whether it is found only where no word touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it swallows the blanks before it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether it swallows the blanks after it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Whether it is looked for in the normalized text instead of the raw one.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether it is looked for in the normalized text without being normalized itself, as SentencePiece does; tokenizer.json cannot say so.</summary>
    public bool NormalizedAlready { get; init; }

    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["content"] = Content,
        ["single_word"] = SingleWord,
        ["lstrip"] = StripLeft,
        ["rstrip"] = StripRight,
        ["normalized"] = Normalized,
        ["special"] = Special,
    };
}
