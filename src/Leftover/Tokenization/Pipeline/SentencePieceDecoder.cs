using System.Text.Json.Nodes;
using Leftover.Tokenization.Files;

namespace Leftover.Tokenization.Pipeline;

/// <summary>SentencePiece's way back to text.</summary>
/// <param name="dropFirstBlank">Whether the blank at the very start, which encoding put there, is dropped.</param>
/// <param name="dropAllFirstBlanks">Whether one blank is dropped of each token until there is text, as where encoding removes extra blanks.</param>
/// <param name="unknownToken">The unknown token, or null.</param>
/// <param name="unknownSurface">What the unknown token reads as.</param>
/// <remarks>
/// In tokenizer.json it stands as the sequence that Hugging Face's conversion uses. That one reads broken UTF-8 differently (a run of
/// byte tokens is right or wrong as a whole), and drops a first blank that was spelled as a byte, too.
/// </remarks>
internal sealed class SentencePieceDecoder(bool dropFirstBlank, bool dropAllFirstBlanks, string? unknownToken, string unknownSurface) : Decoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var decoded = new List<string>(tokens.Count);
        bool atStart = true;
        foreach (string part in BytePieces.Join(tokens, BytePieces.ReadEach))
        {
            if (part == unknownToken)
            {
                decoded.Add(unknownSurface);
                atStart = false;
                continue;
            }
            bool drop = atStart && (dropFirstBlank || dropAllFirstBlanks) && part.StartsWith(SentencePieceTokenizer.Blank, StringComparison.Ordinal);
            decoded.Add((drop ? part[1..] : part).Replace(SentencePieceTokenizer.Blank, " ", StringComparison.Ordinal));
            atStart &= dropAllFirstBlanks ? decoded[^1].Length == 0 : part.Length == 0;
        }
        return decoded;
    }

    public override JsonObject ToJson()
    {
        JsonNode[] steps =
        [
            SentencePieceTokenizer.Replacement("Replace", SentencePieceTokenizer.Blank, " "),
            new JsonObject { ["type"] = "ByteFallback" },
            new JsonObject { ["type"] = "Fuse" },
        ];
        if (dropFirstBlank) steps = [.. steps, new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }];
        return new JsonObject { ["type"] = "Sequence", ["decoders"] = new JsonArray(steps) };
    }
}
