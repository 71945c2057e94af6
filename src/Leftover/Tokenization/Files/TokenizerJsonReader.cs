using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads Hugging Face's tokenizer.json.</summary>
internal static class TokenizerJsonReader
{
    /// <summary>Reads the stages of a tokenizer.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="Data.DataException">It is malformed, or needs a component that is not built.</exception>
    public static TokenizerParts Read(string json, string file)
    {
        JsonPart top = JsonPart.Parse(json, file);
        TokenModel model = ModelReader.Read(top["model"]);
        return new TokenizerParts(model)
        {
            AddedTokens = top["added_tokens"].IsNull ? [] : [.. top["added_tokens"].Items().Select(token => AddedToken(token, token["id"].Id()))],
            Normalizer = NormalizerReader.Read(top["normalizer"]),
            PreTokenizer = PreTokenizerReader.Read(top["pre_tokenizer"]),
            PostProcessor = PostProcessorReader.Read(top["post_processor"]),
            Decoder = DecoderReader.Read(top["decoder"]),
            Json = json,
        };
    }

    /// <summary>Reads an added token.</summary>
    public static AddedToken AddedToken(JsonPart token, int id) => new(id, token["content"].Text(), token["special"].Flag(false))
    {
        SingleWord = token["single_word"].Flag(false),
        StripLeft = token["lstrip"].Flag(false),
        StripRight = token["rstrip"].Flag(false),
        Normalized = token["normalized"].Flag(!token["special"].Flag(false)),
    };

    /// <summary>The error for a component that this library does not have.</summary>
    public static Data.DataException NotBuilt(JsonPart component, string kind) =>
        component["type"].Error($"is the {kind} \"{component["type"].Text()}\", which is not built here");
}
