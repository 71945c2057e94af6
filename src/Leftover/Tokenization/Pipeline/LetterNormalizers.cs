using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Rewrites text letter by letter.</summary>
internal abstract class LetterNormalizer(JsonObject json) : Normalizer
{
    public override string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int code = CodePoint.At(text, i, out int length);
            Append(result, code);
            i += length;
        }
        return result.ToString();
    }

    public override JsonObject ToJson() => (JsonObject)json.DeepClone();

    protected abstract void Append(StringBuilder result, int code);
}

/// <summary>Lower case, letter by letter and in no language's way: a final sigma is not special, İ becomes i and a dot above.</summary>
internal sealed class LowercaseNormalizer(JsonObject json) : LetterNormalizer(json)
{
    public static void AppendLower(StringBuilder result, int code)
    {
        if (code == 0x130) result.Append("i\u0307");
        else result.Append(Rune.ToLowerInvariant(new Rune(code)));
    }

    protected override void Append(StringBuilder result, int code) => AppendLower(result, code);
}

/// <summary>Drops combining marks.</summary>
internal sealed class StripAccentsNormalizer(JsonObject json) : LetterNormalizer(json)
{
    protected override void Append(StringBuilder result, int code)
    {
        if ((CodePoint.Kind(code) & CharKind.Mark) == 0) result.Append(new Rune(code));
    }
}

/// <summary>Strips blanks from the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right, JsonObject json) : Normalizer
{
    public override string Normalize(string text)
    {
        if (left) text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    }

    public override JsonObject ToJson() => (JsonObject)json.DeepClone();
}

/// <summary>The rules of an old translation toolkit: control characters go, odd blanks become blanks.</summary>
internal sealed class NmtNormalizer(JsonObject json) : LetterNormalizer(json)
{
    protected override void Append(StringBuilder result, int code)
    {
        if (code is (>= 1 and <= 8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or 0x8F or 0x9F) return;
        bool blank = code is 9 or 0xA or 0xC or 0xD or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD;
        result.Append(blank ? new Rune(' ') : new Rune(code));
    }
}

/// <summary>BERT's: cleans up, sets Chinese characters apart, strips accents, lowers case; each on its own.</summary>
internal sealed class BertNormalizer(bool cleanText, bool spaceChinese, bool stripAccents, bool lowercase, JsonObject json) : Normalizer
{
    public override string Normalize(string text)
    {
        if (cleanText || spaceChinese) text = Each(text, Clean);
        if (stripAccents) text = Each(UnicodeNormalization.Normalize(text, NormalizationForm.FormD), StripAccent);
        return lowercase ? Each(text, LowercaseNormalizer.AppendLower) : text;
    }

    public override JsonObject ToJson() => (JsonObject)json.DeepClone();

    private void Clean(StringBuilder result, int code)
    {
        if (cleanText && IsDirt(code)) return;
        if (spaceChinese && IsChinese(code)) result.Append(' ').Append(new Rune(code)).Append(' ');
        else result.Append(cleanText && (CodePoint.Kind(code) & CharKind.White) != 0 ? new Rune(' ') : new Rune(code));
    }

    private static void StripAccent(StringBuilder result, int code)
    {
        if (CharUnicodeInfo.GetUnicodeCategory(code) != UnicodeCategory.NonSpacingMark) result.Append(new Rune(code));
    }

    private static bool IsDirt(int code) => code is 0 or 0xFFFD || (code is not ('\t' or '\n' or '\r')
        && CharUnicodeInfo.GetUnicodeCategory(code) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse);

    // The ideograph blocks that BERT names; one bound differs from Unicode's (U+2B920), as in the original.
    private static bool IsChinese(int code) => code is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private static string Each(string text, Action<StringBuilder, int> append)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            append(result, CodePoint.At(text, i, out int length));
            i += length;
        }
        return result.ToString();
    }
}
