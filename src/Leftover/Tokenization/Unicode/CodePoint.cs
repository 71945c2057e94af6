using System.Globalization;
using System.Text;

namespace Leftover.Tokenization.Unicode;

/// <summary>What a tokenizer's patterns ask of a letter.</summary>
[Flags]
internal enum CharKind : byte
{
    None = 0,
    Letter = 1,
    Number = 2,
    White = 4,
    Mark = 8,
    Connector = 16,
    Punctuation = 32,

    /// <summary>A letter of a word as UTS 18 has it: alphabetic letters, marks, decimal digits, connectors and the two joiners; not ½ or ①.</summary>
    Word = 64,

    /// <summary>A letter of a word as Oniguruma's \w has it: the same without the joiners, and with Latin-1's ² ³ ¹ ¼ ½ ¾.</summary>
    OnigurumaWord = 128,
}

/// <summary>Code points of UTF-16 text. .NET's own patterns look at UTF-16 units and miss everything above U+FFFF.</summary>
internal static class CodePoint
{
    private const int Replacement = 0xFFFD;
    private static readonly CharKind[] s_basicPlane = KindsOfBasicPlane();

    /// <summary>The code point at <paramref name="index"/> and how many UTF-16 units it takes; an unpaired surrogate counts as U+FFFD.</summary>
    public static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        length = 1;
        if (!char.IsSurrogate(first)) return first;
        if (char.IsHighSurrogate(first) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return char.ConvertToUtf32(first, text[index + 1]);
        }
        return Replacement;
    }

    /// <summary>The code point that ends before <paramref name="index"/>, and how many UTF-16 units it takes.</summary>
    public static int Before(ReadOnlySpan<char> text, int index, out int length)
    {
        length = index >= 2 && char.IsLowSurrogate(text[index - 1]) && char.IsHighSurrogate(text[index - 2]) ? 2 : 1;
        return At(text, index - length, out _);
    }

    /// <summary>The kind of the code point at <paramref name="index"/>, and how many UTF-16 units it takes.</summary>
    public static CharKind KindAt(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        if (!char.IsSurrogate(first))
        {
            length = 1;
            return s_basicPlane[first];
        }
        return Kind(At(text, index, out length));
    }

    /// <summary>The kind of a code point.</summary>
    public static CharKind Kind(int codePoint) => codePoint < s_basicPlane.Length ? s_basicPlane[codePoint] : KindOf(codePoint);

    /// <summary>Where the run of code points of a kind ends that starts at <paramref name="index"/>.</summary>
    public static int SkipWhile(ReadOnlySpan<char> text, int index, CharKind kind)
    {
        while (index < text.Length && (KindAt(text, index, out int length) & kind) != 0) index += length;
        return index;
    }

    private static CharKind[] KindsOfBasicPlane()
    {
        var kinds = new CharKind[0x10000];
        for (int i = 0; i < kinds.Length; i++) kinds[i] = KindOf(i);
        return kinds;
    }

    private static CharKind KindOf(int codePoint)
    {
        CharKind kind = KindByCategory(codePoint);
        bool oniguruma = (kind & CharKind.Word) != 0 ? codePoint is not (0x200C or 0x200D) : (kind & CharKind.Number) != 0 && codePoint < 0x100;
        return oniguruma ? kind | CharKind.OnigurumaWord : kind;
    }

    private static CharKind KindByCategory(int codePoint)
    {
        if (!Rune.IsValid(codePoint)) return CharKind.None;
        var rune = new Rune(codePoint);
        if (Rune.IsWhiteSpace(rune)) return CharKind.White;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharKind.Letter | CharKind.Word,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber => CharKind.Number | CharKind.Word,
            UnicodeCategory.OtherNumber => CharKind.Number,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharKind.Mark | CharKind.Word,
            UnicodeCategory.ConnectorPunctuation => CharKind.Connector | CharKind.Punctuation | CharKind.Word,
            UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
                or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
                or UnicodeCategory.OtherPunctuation => CharKind.Punctuation,
            _ => IsOtherWord(codePoint) ? CharKind.Word : CharKind.None,
        };
    }

    // The joiners, and the letters in circles and squares, which are symbols by category but alphabetic.
    private static bool IsOtherWord(int codePoint) => codePoint is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9)
        or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);
}
