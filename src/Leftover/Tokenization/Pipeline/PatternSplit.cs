using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>What becomes of a match where a text is split by a pattern.</summary>
internal enum SplitBehavior
{
    /// <summary>Matches are dropped.</summary>
    Removed,

    /// <summary>Each match is a part of its own.</summary>
    Isolated,

    /// <summary>A match belongs to the part before it.</summary>
    MergedWithPrevious,

    /// <summary>A match belongs to the part after it.</summary>
    MergedWithNext,

    /// <summary>Matches without anything between them are one part.</summary>
    Contiguous,
}

/// <summary>Splits by a pattern.</summary>
/// <param name="pattern">What to look for.</param>
/// <param name="behavior">What becomes of a match.</param>
/// <param name="invert">Whether what lies between the matches counts as the match.</param>
/// <param name="json">The component as tokenizer.json has it.</param>
internal sealed class PatternSplit(SplitPattern pattern, SplitBehavior behavior, bool invert, JsonObject json) : PreTokenizer
{
    public override JsonObject ToJson() => (JsonObject)json.DeepClone();

    public override void Split(Piece piece, List<Piece> parts)
    {
        if (behavior == SplitBehavior.Isolated)
        {
            Isolate(pattern, piece, parts);      // where all stretches become parts, it is all one which of them match
            return;
        }

        bool previousMatched = false, any = false;
        foreach ((int start, int end, bool matched) in Stretches(piece))
        {
            bool isMatch = matched != invert;
            bool join = any && behavior switch
            {
                SplitBehavior.MergedWithPrevious => isMatch && !previousMatched,
                SplitBehavior.MergedWithNext => !isMatch && previousMatched,
                SplitBehavior.Contiguous => isMatch == previousMatched,
                _ => false,
            };
            if (behavior == SplitBehavior.Removed && isMatch) continue;
            if (join) parts[^1] = piece.Slice(parts[^1].Start - piece.Start, parts[^1].Length + end - start);
            else parts.Add(piece.Slice(start, end - start));
            (previousMatched, any) = (isMatch, true);
        }
    }

    /// <summary>Every match, and every stretch between two, becomes a part.</summary>
    public static void Isolate(SplitPattern pattern, Piece piece, List<Piece> parts)
    {
        ReadOnlySpan<char> text = piece.Span;
        int at = 0;
        while (at < text.Length && pattern.TryMatch(text, at, out int start, out int end))
        {
            if (start > at) parts.Add(piece.Slice(at, start - at));
            parts.Add(piece.Slice(start, end - start));
            at = end;
        }
        if (at < text.Length) parts.Add(piece.Slice(at, text.Length - at));
    }

    private List<(int Start, int End, bool Matched)> Stretches(Piece piece)
    {
        List<(int, int, bool)> stretches = [];
        ReadOnlySpan<char> text = piece.Span;
        int at = 0;
        while (at < text.Length && pattern.TryMatch(text, at, out int start, out int end))
        {
            if (start > at) stretches.Add((at, start, false));
            stretches.Add((start, end, true));
            at = end;
        }
        if (at < text.Length) stretches.Add((at, text.Length, false));
        return stretches;
    }
}
