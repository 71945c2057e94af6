using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Where a mark of a blank is put in front.</summary>
internal enum PrependScheme
{
    /// <summary>Before every piece between added tokens.</summary>
    Always,

    /// <summary>Before the very start of the text only.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}

/// <summary>Writes blanks as a visible mark and splits before it. No mark is put in front where there is one.</summary>
internal sealed class MetaspacePreTokenizer(string mark, PrependScheme scheme, bool split, JsonObject json) : PreTokenizer
{
    private readonly PatternSplit _split = new(new LiteralPattern(mark), SplitBehavior.MergedWithNext, invert: false, json);

    public override bool AddsLeadingBlank => scheme != PrependScheme.Never;

    public override JsonObject ToJson() => (JsonObject)json.DeepClone();

    public override void Split(Piece piece, List<Piece> parts)
    {
        if (piece.Length == 0) return;
        string text = piece.Span.ToString().Replace(" ", mark, StringComparison.Ordinal);
        bool prepend = scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.AtStart);
        if (prepend && !text.StartsWith(mark, StringComparison.Ordinal)) text = mark + text;

        var marked = new Piece(text, piece.AtStart);
        if (split) _split.Split(marked, parts);
        else parts.Add(marked);
    }
}
