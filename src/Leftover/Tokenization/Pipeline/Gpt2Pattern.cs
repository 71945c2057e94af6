using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Pipeline;

/// <summary>GPT-2's split, which leaves no letter unmatched: contractions, then words, numbers and symbols each with a blank before them, then blanks.</summary>
/// <remarks>A run of blanks before a word leaves its last one to the word (or alone, where it is no plain blank).</remarks>
internal sealed class Gpt2Pattern : SplitPattern
{
    public const string Regex = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public static Gpt2Pattern Instance { get; } = new();

    public override bool TryMatch(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        start = end = from;
        if (from >= text.Length) return false;
        end = End(text, from);
        return true;
    }

    private static int End(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction(text[(start + 1)..]) is > 0 and int letters) return start + 1 + letters;

        int first = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        CharKind kind = CodePoint.KindAt(text, first, out _);
        if ((kind & CharKind.White) != 0) return BlanksEnd(text, start);
        if ((kind & CharKind.Letter) != 0) return CodePoint.SkipWhile(text, first, CharKind.Letter);
        if ((kind & CharKind.Number) != 0) return CodePoint.SkipWhile(text, first, CharKind.Number);
        return SymbolsEnd(text, first);
    }

    /// <summary>The end of a run of blanks, less its last one where more text follows and the run has more than one.</summary>
    public static int BlanksEnd(ReadOnlySpan<char> text, int start)
    {
        int end = CodePoint.SkipWhile(text, start, CharKind.White);
        return end < text.Length && end - start > 1 ? end - 1 : end;     // every blank is one UTF-16 unit
    }

    /// <summary>The end of a run of what is neither blank, letter nor number.</summary>
    public static int SymbolsEnd(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && (CodePoint.KindAt(text, index, out int length) & (CharKind.White | CharKind.Letter | CharKind.Number)) == 0)
            index += length;
        return index;
    }

    // How many letters of a contraction follow the apostrophe: s t re ve m ll d.
    private static int Contraction(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };
}
