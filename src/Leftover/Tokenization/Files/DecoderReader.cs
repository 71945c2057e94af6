using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "decoder" of a tokenizer.json.</summary>
internal static class DecoderReader
{
    public static Decoder? Read(JsonPart json) => json.IsNull ? null : json["type"].Text() switch
    {
        "Sequence" => new DecoderSequence([.. json["decoders"].Items().Select(step => Read(step)!)]),
        "ByteLevel" => new ByteLevelDecoder(),
        _ => throw TokenizerJsonReader.NotBuilt(json, "decoder"),
    };
}
