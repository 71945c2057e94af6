using System.Text;
using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Turns tokens back into text; what it returns is joined without anything between.</summary>
internal abstract class Decoder
{
    public abstract List<string> Decode(List<string> tokens);

    /// <summary>The component as tokenizer.json has it.</summary>
    public abstract JsonObject ToJson();
}

/// <summary>One decoder after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<Decoder> steps) : Decoder
{
    public override List<string> Decode(List<string> tokens)
    {
        foreach (Decoder step in steps) tokens = step.Decode(tokens);
        return tokens;
    }

    public override JsonObject ToJson() => new()
    {
        ["type"] = "Sequence",
        ["decoders"] = new JsonArray([.. steps.Select(step => (JsonNode)step.ToJson())]),
    };
}

/// <summary>Reads tokens as byte letters, and the bytes as UTF-8; each broken part becomes U+FFFD.</summary>
internal sealed class ByteLevelDecoder : Decoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (string token in tokens) bytes.AddRange(ByteLetters.Read(token));
        return [Encoding.UTF8.GetString([.. bytes])];
    }

    public override JsonObject ToJson() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = true,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };
}
