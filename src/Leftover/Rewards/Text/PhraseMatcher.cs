using System.Text;

namespace Leftover.Rewards.Text;

/// <summary>Finds the entries of a list in a text, from left to right and without overlap, the longest that fits first.</summary>
/// <remarks>Entries and texts are compared as they are: lower-case both where case does not matter.</remarks>
internal sealed class PhraseMatcher
{
    // By their first two characters, the longest first; an entry of one character has NUL in place of the second.
    private readonly Dictionary<(char, char), string[]> _words;
    private readonly Dictionary<(char, char), string[]> _anywhere;

    /// <param name="words">Entries that touch no word character on either side; they go before the others.</param>
    /// <param name="anywhere">Entries that may stand inside a word.</param>
    public PhraseMatcher(IEnumerable<string> words, IEnumerable<string> anywhere) => (_words, _anywhere) = (Index(words), Index(anywhere));

    /// <summary>The entries found, in their order.</summary>
    public IEnumerable<string> Matches(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            string? found = LongestAt(_words, text, start, asWord: true) ?? LongestAt(_anywhere, text, start, asWord: false);
            if (found is null)
            {
                start++;
                continue;
            }
            yield return found;
            start += found.Length;
        }
    }

    private static string? LongestAt(Dictionary<(char, char), string[]> entries, string text, int start, bool asWord)
    {
        if (asWord && TextUnits.IsWordBefore(text, start)) return null;
        return (start + 1 < text.Length ? Longest(text[start + 1]) : null) ?? Longest('\0');

        string? Longest(char second)
        {
            foreach (string candidate in entries.GetValueOrDefault((text[start], second), []))
            {
                if (string.CompareOrdinal(text, start, candidate, 0, candidate.Length) != 0) continue;
                if (!asWord || !TextUnits.IsWordAt(text, start + candidate.Length)) return candidate;
            }
            return null;
        }
    }

    private static Dictionary<(char, char), string[]> Index(IEnumerable<string> entries) => entries
        .Where(x => x.Length > 0).Distinct(StringComparer.Ordinal).GroupBy(x => (x[0], x.Length > 1 ? x[1] : '\0'))
        .ToDictionary(x => x.Key, x => x.OrderByDescending(y => y.EnumerateRunes().Count()).ToArray());
}
