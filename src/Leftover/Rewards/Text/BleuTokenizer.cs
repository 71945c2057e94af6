using System.Text;
using System.Text.RegularExpressions;

namespace Leftover.Rewards.Text;

/// <summary>The tokens that <see cref="Bleu"/> counts.</summary>
internal static partial class BleuTokenizer
{
    public static List<string> Cut(string text, BleuOptions options)
    {
        if (options.LowerCase) text = text.ToLowerInvariant();
        return options.Tokens switch
        {
            BleuTokens.WhiteSpace => TextUnits.Words(text),
            BleuTokens.Characters => Characters(text),
            _ => TextUnits.Words(Spaced(TrimEnd(text))),
        };
    }

    private static List<string> Characters(string text)
    {
        List<string> characters = [];
        foreach (Rune rune in text.EnumerateRunes())
            if (!(rune.IsBmp && TextUnits.IsWhiteSpace((char)rune.Value))) characters.Add(rune.ToString());
        return characters;
    }

    /// <summary>mteval's 13a: spaces around symbols, and around full stops, commas and hyphens unless digits hold them together.</summary>
    private static string Spaced(string text)
    {
        text = text.Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ');
        text = text.Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        text = Symbols().Replace($" {text} ", " $1 ");
        text = PointAfterOther().Replace(text, "$1 $2 ");
        text = PointBeforeOther().Replace(text, " $1 $2");
        return HyphenAfterDigit().Replace(text, "$1 $2 ");
    }

    private static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && TextUnits.IsWhiteSpace(text[end - 1])) end--;
        return text[..end];
    }

    // ASCII punctuation without the apostrophe, comma, hyphen and full stop.
    [GeneratedRegex(@"([{-~\[-` -&(-+:-@/])", RegexOptions.CultureInvariant)]
    private static partial Regex Symbols();

    [GeneratedRegex(@"([^0-9])([.,])", RegexOptions.CultureInvariant)]
    private static partial Regex PointAfterOther();

    [GeneratedRegex(@"([.,])([^0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex PointBeforeOther();

    [GeneratedRegex(@"([0-9])(-)", RegexOptions.CultureInvariant)]
    private static partial Regex HyphenAfterDigit();
}
