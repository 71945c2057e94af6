using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Llama 3's and Qwen's split: words take one letter of any kind before them, numbers come in groups of at most <paramref name="digits"/>, symbols take the line breaks after them.</summary>
internal sealed class Llama3Pattern(int digits) : SplitPattern
{
    public const string Llama3Regex =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string QwenRegex =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static Llama3Pattern Llama3 { get; } = new(3);
    public static Llama3Pattern Qwen { get; } = new(1);

    public override bool TryMatch(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        start = end = from;
        if (from >= text.Length) return false;
        end = End(text, from);
        return true;
    }

    private int End(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction(text[(start + 1)..]) is > 0 and int letters) return start + 1 + letters;

        CharKind kind = CodePoint.KindAt(text, start, out int length);
        if ((kind & CharKind.Letter) != 0) return CodePoint.SkipWhile(text, start, CharKind.Letter);
        if ((kind & CharKind.Number) != 0) return NumbersEnd(text, start);

        int next = start + length;
        if (text[start] is not ('\r' or '\n') && next < text.Length)
        {
            int wordEnd = CodePoint.SkipWhile(text, next, CharKind.Letter);
            if (wordEnd > next) return wordEnd;
        }

        int symbols = text[start] == ' ' ? next : start;
        int symbolsEnd = Gpt2Pattern.SymbolsEnd(text, symbols);
        if (symbolsEnd > symbols) return LineBreaksEnd(text, symbolsEnd);

        int blanksEnd = CodePoint.SkipWhile(text, start, CharKind.White);
        int lastBreak = text[start..blanksEnd].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? start + lastBreak + 1 : Gpt2Pattern.BlanksEnd(text, start);
    }

    private int NumbersEnd(ReadOnlySpan<char> text, int index)
    {
        for (int count = 0; count < digits && index < text.Length; count++)
        {
            if ((CodePoint.KindAt(text, index, out int length) & CharKind.Number) == 0) break;
            index += length;
        }
        return index;
    }

    private static int LineBreaksEnd(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && text[index] is '\r' or '\n') index++;
        return index;
    }

    // As GPT-2's, in any case; the long s (U+017F) is an s to a pattern that ignores case.
    private static int Contraction(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 'S' or '\u017F' or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] => 1,
        ['r' or 'R' or 'v' or 'V', 'e' or 'E', ..] or ['l' or 'L', 'l' or 'L', ..] => 2,
        _ => 0,
    };
}
