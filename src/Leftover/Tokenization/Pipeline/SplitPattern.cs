using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Pipeline;

/// <summary>A pattern that finds stretches of text, by code point.</summary>
internal abstract class SplitPattern
{
    /// <summary>Finds the first match at or after <paramref name="from"/>; a match is never empty.</summary>
    public abstract bool TryMatch(ReadOnlySpan<char> text, int from, out int start, out int end);
}

/// <summary>A given string.</summary>
internal sealed class LiteralPattern(string literal) : SplitPattern
{
    public override bool TryMatch(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        int found = text[from..].IndexOf(literal, StringComparison.Ordinal);
        start = from + found;
        end = start + literal.Length;
        return found >= 0 && literal.Length > 0;
    }
}

/// <summary>One code point of a kind.</summary>
internal sealed class KindPattern(CharKind kind, bool asciiSymbols = false) : SplitPattern
{
    public override bool TryMatch(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        for (start = from; start < text.Length; start = end)
        {
            CharKind found = CodePoint.KindAt(text, start, out int length);
            end = start + length;
            if ((found & kind) != 0 || (asciiSymbols && (char.IsSymbol(text[start]) && text[start] < 128))) return true;
        }
        end = start;
        return false;
    }
}

/// <summary>Words, and runs of what is neither word nor blank: <c>\w+|[^\w\s]+</c>.</summary>
internal sealed class WordOrSymbolsPattern : SplitPattern
{
    public override bool TryMatch(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        start = CodePoint.SkipWhile(text, from, CharKind.White);
        end = CodePoint.SkipWhile(text, start, CharKind.Word);
        if (end > start) return true;
        while (end < text.Length && (CodePoint.KindAt(text, end, out int length) & (CharKind.Word | CharKind.White)) == 0) end += length;
        return end > start;
    }
}
