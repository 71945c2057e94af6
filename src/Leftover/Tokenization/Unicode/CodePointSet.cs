using System.Globalization;
using System.Text;

namespace Leftover.Tokenization.Unicode;

/// <summary>A set of code points, as a pattern's class has it.</summary>
internal sealed class CodePointSet
{
    private const int LongS = 0x17F, Kelvin = 0x212A;

    private readonly Func<int, bool> _contains;
    private readonly bool[] _ascii = new bool[128];

    public CodePointSet(Func<int, bool> contains)
    {
        _contains = contains;
        for (int i = 0; i < _ascii.Length; i++) _ascii[i] = contains(i);
    }

    public bool Contains(int codePoint) => codePoint < _ascii.Length ? _ascii[codePoint] : _contains(codePoint);

    public static CodePointSet Of(int codePoint) => new(other => other == codePoint);

    public static CodePointSet Of(CharKind kind) => new(code => (CodePoint.Kind(code) & kind) != 0);

    /// <summary>\d: the decimal digits of all scripts.</summary>
    public static CodePointSet Digits { get; } = new(code => Category(code) == UnicodeCategory.DecimalDigitNumber);

    public static CodePointSet AnyButLineBreak { get; } = new(code => code != '\n');

    public CodePointSet Negated() => new(code => !Contains(code));

    public static CodePointSet Union(IReadOnlyList<CodePointSet> sets) => sets.Count == 1 ? sets[0] : new CodePointSet(code =>
    {
        foreach (CodePointSet set in sets)
            if (set.Contains(code)) return true;
        return false;
    });

    /// <summary>The set and what differs from its members in case only; the long s (U+017F) is an s, the Kelvin sign a k.</summary>
    public CodePointSet IgnoringCase() => new(code =>
    {
        if (Contains(code)) return true;
        if (code == LongS) return Contains('s') || Contains('S');
        if (code == Kelvin) return Contains('k') || Contains('K');
        if ((code is 's' or 'S') && Contains(LongS)) return true;
        if ((code is 'k' or 'K') && Contains(Kelvin)) return true;
        return Rune.TryCreate(code, out Rune rune) && (Contains(Rune.ToUpperInvariant(rune).Value) || Contains(Rune.ToLowerInvariant(rune).Value));
    });

    /// <summary>The set of a Unicode category ("L", "Lu", "Zs" and so on), or null for an unknown name.</summary>
    public static CodePointSet? OfCategory(string name) => name switch
    {
        "L" => Of(CharKind.Letter),
        "N" => Of(CharKind.Number),
        "M" => Of(CharKind.Mark),
        "P" => Of(CharKind.Punctuation),
        "S" => Between(UnicodeCategory.MathSymbol, UnicodeCategory.OtherSymbol),
        "Z" => Between(UnicodeCategory.SpaceSeparator, UnicodeCategory.ParagraphSeparator),
        "C" => Of(UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.Surrogate, UnicodeCategory.PrivateUse, UnicodeCategory.OtherNotAssigned),
        "Lu" => Of(UnicodeCategory.UppercaseLetter),
        "Ll" => Of(UnicodeCategory.LowercaseLetter),
        "Lt" => Of(UnicodeCategory.TitlecaseLetter),
        "Lm" => Of(UnicodeCategory.ModifierLetter),
        "Lo" => Of(UnicodeCategory.OtherLetter),
        "Mn" => Of(UnicodeCategory.NonSpacingMark),
        "Mc" => Of(UnicodeCategory.SpacingCombiningMark),
        "Me" => Of(UnicodeCategory.EnclosingMark),
        "Nd" => Digits,
        "Nl" => Of(UnicodeCategory.LetterNumber),
        "No" => Of(UnicodeCategory.OtherNumber),
        "Pc" => Of(UnicodeCategory.ConnectorPunctuation),
        "Pd" => Of(UnicodeCategory.DashPunctuation),
        "Ps" => Of(UnicodeCategory.OpenPunctuation),
        "Pe" => Of(UnicodeCategory.ClosePunctuation),
        "Pi" => Of(UnicodeCategory.InitialQuotePunctuation),
        "Pf" => Of(UnicodeCategory.FinalQuotePunctuation),
        "Po" => Of(UnicodeCategory.OtherPunctuation),
        "Sm" => Of(UnicodeCategory.MathSymbol),
        "Sc" => Of(UnicodeCategory.CurrencySymbol),
        "Sk" => Of(UnicodeCategory.ModifierSymbol),
        "So" => Of(UnicodeCategory.OtherSymbol),
        "Zs" => Of(UnicodeCategory.SpaceSeparator),
        "Zl" => Of(UnicodeCategory.LineSeparator),
        "Zp" => Of(UnicodeCategory.ParagraphSeparator),
        "Cc" => Of(UnicodeCategory.Control),
        "Cf" => Of(UnicodeCategory.Format),
        "Co" => Of(UnicodeCategory.PrivateUse),
        "Cn" => Of(UnicodeCategory.OtherNotAssigned),
        _ => null,
    };

    public static CodePointSet Range(int first, int last) => new(code => code >= first && code <= last);

    private static CodePointSet Of(params UnicodeCategory[] categories) => new(code => Array.IndexOf(categories, Category(code)) >= 0);

    private static CodePointSet Between(UnicodeCategory first, UnicodeCategory last) => new(code => Category(code) is var category && category >= first && category <= last);

    private static UnicodeCategory Category(int code) => CharUnicodeInfo.GetUnicodeCategory(code);
}
