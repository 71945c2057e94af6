using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "decoder" of a tokenizer.json.</summary>
internal static class DecoderReader
{
    public static Decoder? Read(JsonPart json) => json.IsNull ? null : json["type"].Text() switch
    {
        "Sequence" => new DecoderSequence([.. json["decoders"].Items().Select(step => Read(step) ?? throw step.Wrong("a decoder"))]),
        "ByteLevel" => new ByteLevelDecoder(),
        "ByteFallback" => new ByteFallbackDecoder(),
        "Fuse" => new FuseDecoder(),
        "Replace" => new ReplaceDecoder(PatternReader.Read(json["pattern"]), json["content"].Text(), json.Copy()),
        "Strip" => new StripDecoder(json["content"].Text(), json["start"].Count(), json["stop"].Count(), json.Copy()),
        "Metaspace" => new MetaspaceDecoder(json["replacement"].Text(), PreTokenizerReader.Scheme(json) != PrependScheme.Never, json.Copy()),
        "BPEDecoder" => new EndOfWordDecoder(json["suffix"].Text(), json.Copy()),
        "WordPiece" => new WordPieceDecoder(json["prefix"].Text(), json["cleanup"].Flag(true), json.Copy()),
        _ => throw TokenizerJsonReader.NotBuilt(json, "decoder"),
    };
}
