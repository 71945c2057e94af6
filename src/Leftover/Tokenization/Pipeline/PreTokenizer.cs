using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Splits a piece of text into words; tokens never reach across their borders.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Appends the parts of <paramref name="piece"/> to <paramref name="parts"/>.</summary>
    public abstract void Split(Piece piece, List<Piece> parts);

    /// <summary>The component as tokenizer.json has it.</summary>
    public abstract JsonObject ToJson();

    /// <summary>Whether the words' UTF-8 bytes, not their characters, are what tokens are made of.</summary>
    public virtual bool IsByteLevel => false;

    /// <summary>Whether a text gets a blank in front where it has none.</summary>
    public virtual bool AddsLeadingBlank => false;
}

/// <summary>One pre-tokenizer after the other.</summary>
/// <param name="steps">The pre-tokenizers.</param>
/// <param name="json">What tokenizer.json calls them together, or null for a plain sequence.</param>
internal sealed class PreTokenizerSequence(IReadOnlyList<PreTokenizer> steps, JsonObject? json = null) : PreTokenizer
{
    public override bool IsByteLevel => steps.Count > 0 && steps[^1].IsByteLevel;

    public override bool AddsLeadingBlank => steps.Any(step => step.AddsLeadingBlank);

    public override void Split(Piece piece, List<Piece> parts)
    {
        List<Piece> pieces = [piece];
        for (int i = 0; i < steps.Count - 1; i++)
        {
            List<Piece> next = [];
            foreach (Piece part in pieces) steps[i].Split(part, next);
            pieces = next;
        }
        foreach (Piece part in pieces)
            if (steps.Count == 0) parts.Add(part);
            else steps[^1].Split(part, parts);
    }

    public override JsonObject ToJson() => (JsonObject?)json?.DeepClone() ?? new JsonObject
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray([.. steps.Select(step => (JsonNode)step.ToJson())]),
    };
}

/// <summary>GPT-2's pre-tokenizer: its split, and words as bytes.</summary>
/// <param name="addPrefixSpace">Whether each piece gets a blank in front where it has none.</param>
/// <param name="useRegex">Whether it splits at all.</param>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : PreTokenizer
{
    public override bool IsByteLevel => true;

    public override bool AddsLeadingBlank => addPrefixSpace;

    public override void Split(Piece piece, List<Piece> parts)
    {
        if (piece.Length == 0) return;
        if (addPrefixSpace && piece.Span[0] != ' ') piece = new Piece(string.Concat(" ", piece.Span), piece.AtStart);
        if (useRegex) PatternSplit.Isolate(Gpt2Pattern.Instance, piece, parts);
        else parts.Add(piece);
    }

    public override JsonObject ToJson() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = useRegex,
    };
}
