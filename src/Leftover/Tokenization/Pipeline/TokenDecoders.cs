using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Does the same to every token.</summary>
internal abstract class EachTokenDecoder(JsonObject json) : Decoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var decoded = new List<string>(tokens.Count);
        for (int i = 0; i < tokens.Count; i++) decoded.Add(Decode(tokens[i], first: i == 0, last: i == tokens.Count - 1));
        return decoded;
    }

    public override JsonObject ToJson() => (JsonObject)json.DeepClone();

    protected abstract string Decode(string token, bool first, bool last);
}

/// <summary>Replaces each match of a pattern.</summary>
internal sealed class ReplaceDecoder(SplitPattern pattern, string content, JsonObject json) : EachTokenDecoder(json)
{
    protected override string Decode(string token, bool first, bool last) => ReplaceNormalizer.Replace(pattern, content, token);
}

/// <summary>Strips a letter from the ends of each token.</summary>
/// <param name="letter">The letter.</param>
/// <param name="start">How many of it at most at the start.</param>
/// <param name="stop">How many of it at most at the end.</param>
/// <param name="json">The component as tokenizer.json has it.</param>
internal sealed class StripDecoder(string letter, int start, int stop, JsonObject json) : EachTokenDecoder(json)
{
    protected override string Decode(string token, bool first, bool last)
    {
        for (int i = 0; i < start && token.StartsWith(letter, StringComparison.Ordinal); i++) token = token[letter.Length..];
        for (int i = 0; i < stop && token.EndsWith(letter, StringComparison.Ordinal); i++) token = token[..^letter.Length];
        return token;
    }
}

/// <summary>Turns the mark of a blank back into a blank, and drops those of the first token where one was put in front.</summary>
internal sealed class MetaspaceDecoder(string mark, bool prepended, JsonObject json) : EachTokenDecoder(json)
{
    protected override string Decode(string token, bool first, bool last) =>
        token.Replace(mark, first && prepended ? "" : " ", StringComparison.Ordinal);
}

/// <summary>CLIP's: the mark of a word's end becomes a blank.</summary>
internal sealed class EndOfWordDecoder(string suffix, JsonObject json) : EachTokenDecoder(json)
{
    protected override string Decode(string token, bool first, bool last) =>
        suffix.Length == 0 ? token : token.Replace(suffix, last ? "" : " ", StringComparison.Ordinal);
}

/// <summary>WordPiece's: a blank before every token that does not continue a word; English contractions and marks are pulled up where it cleans up.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanUp, JsonObject json) : EachTokenDecoder(json)
{
    private static readonly (string, string)[] s_cleanUps =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    protected override string Decode(string token, bool first, bool last)
    {
        if (!first) token = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
        if (!cleanUp) return token;
        foreach ((string spaced, string pulledUp) in s_cleanUps) token = token.Replace(spaced, pulledUp, StringComparison.Ordinal);
        return token;
    }
}

/// <summary>Makes one text of all tokens, for what comes after.</summary>
internal sealed class FuseDecoder : Decoder
{
    public override List<string> Decode(List<string> tokens) => [string.Concat(tokens)];

    public override JsonObject ToJson() => new() { ["type"] = "Fuse" };
}

/// <summary>Joins byte tokens into characters.</summary>
internal sealed class ByteFallbackDecoder : Decoder
{
    public override List<string> Decode(List<string> tokens) => BytePieces.Join(tokens, BytePieces.ReadWhole);

    public override JsonObject ToJson() => new() { ["type"] = "ByteFallback" };
}
