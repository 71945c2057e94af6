using System.Globalization;
using System.Text;

namespace Leftover.Rewards.Text;

/// <summary>The words of one text and what the words before turn each one's valence into.</summary>
internal sealed class VaderWords
{
    private readonly Dictionary<string, double> _lexicon;
    private readonly string[] _lower;
    private readonly bool[] _isUpper;
    private readonly bool _capitalsCount;   // some words are in capitals, but not all

    public VaderWords(IEnumerable<string> words, Dictionary<string, double> lexicon)
    {
        _lexicon = lexicon;
        string[] list = [.. words];
        _lower = Array.ConvertAll(list, x => x.ToLowerInvariant());
        _isUpper = Array.ConvertAll(list, IsUpper);
        _capitalsCount = _isUpper.Contains(true) && _isUpper.Contains(false);
    }

    public int Count => _lower.Length;

    public int IndexOf(string word) => Array.IndexOf(_lower, word);

    /// <summary>The valence of word i in its place; 0 where it has none.</summary>
    public double Valence(int i)
    {
        string word = _lower[i];
        if (VaderRules.Boosters.ContainsKey(word)) return 0;
        if (word == "kind" && i + 1 < Count && _lower[i + 1] == "of") return 0;
        if (!_lexicon.TryGetValue(word, out double valence)) return 0;

        if (word == "no" && i + 1 < Count && _lexicon.ContainsKey(_lower[i + 1])) valence = 0;   // it negates the next word instead
        if (IsNegatedByNo(i)) valence = _lexicon[word] * VaderRules.Negation;
        if (_isUpper[i] && _capitalsCount) valence += valence > 0 ? VaderRules.Capitals : -VaderRules.Capitals;

        for (int distance = 1; distance <= 3 && distance <= i; distance++)
        {
            if (_lexicon.ContainsKey(_lower[i - distance])) continue;
            valence += Degree(i - distance, valence) * (distance == 1 ? 1 : distance == 2 ? 0.95 : 0.9);
            valence *= NegationAt(i, distance);
            if (distance == 3) valence = WithPhrases(i, valence);
        }
        return IsNegatedByLeast(i) ? valence * VaderRules.Negation : valence;
    }

    private bool IsNegatedByNo(int i) =>
        Is(i - 1, "no") || Is(i - 2, "no") || (Is(i - 3, "no") && (Is(i - 1, "or") || Is(i - 1, "nor")));

    private bool IsNegatedByLeast(int i) =>
        Is(i - 1, "least") && !_lexicon.ContainsKey("least") && !Is(i - 2, "at") && !Is(i - 2, "very");

    /// <summary>What a degree adverb adds to a valence: away from 0, or towards it.</summary>
    private double Degree(int adverb, double valence)
    {
        if (!VaderRules.Boosters.TryGetValue(_lower[adverb], out double degree)) return 0;
        if (valence < 0) degree = -degree;
        if (_isUpper[adverb] && _capitalsCount) degree += valence > 0 ? VaderRules.Capitals : -VaderRules.Capitals;
        return degree;
    }

    /// <summary>The factor of a negation so many words before; "never so" and "never this" strengthen, "without doubt" does nothing.</summary>
    private double NegationAt(int i, int distance)
    {
        if (distance == 2)
        {
            if (Is(i - 2, "never") && IsSoOrThis(i - 1)) return 1.25;
            if (Is(i - 2, "without") && Is(i - 1, "doubt")) return 1;
        }
        if (distance == 3)
        {
            // The original's "never" binds to the first alternative only: three words after anything, "so" or "this" strengthens.
            if ((Is(i - 3, "never") && IsSoOrThis(i - 2)) || IsSoOrThis(i - 1)) return 1.25;
            if (Is(i - 3, "without") && (Is(i - 2, "doubt") || Is(i - 1, "doubt"))) return 1;
        }
        string word = _lower[i - distance];
        return VaderRules.Negations.Contains(word) || word.Contains("n't", StringComparison.Ordinal) ? VaderRules.Negation : 1;
    }

    /// <summary>Idioms that end here or go on from here replace the valence; degree adverbs of several words add to it.</summary>
    private double WithPhrases(int i, double valence)
    {
        foreach ((int from, int to) in ((int, int)[])[(-1, 0), (-2, 0), (-2, -1), (-3, -1), (-3, -2)])
        {
            if (!VaderRules.Idioms.TryGetValue(Phrase(i + from, i + to), out double idiom)) continue;
            valence = idiom;
            break;
        }
        if (i + 1 < Count && VaderRules.Idioms.TryGetValue(Phrase(i, i + 1), out double two)) valence = two;
        if (i + 2 < Count && VaderRules.Idioms.TryGetValue(Phrase(i, i + 2), out double three)) valence = three;
        foreach ((int from, int to) in ((int, int)[])[(-3, -1), (-3, -2), (-2, -1)])
            valence += VaderRules.Boosters.GetValueOrDefault(Phrase(i + from, i + to));
        return valence;
    }

    private string Phrase(int from, int to) => string.Join(' ', _lower[from..(to + 1)]);

    private bool IsSoOrThis(int i) => Is(i, "so") || Is(i, "this");

    private bool Is(int i, string word) => i >= 0 && _lower[i] == word;

    /// <summary>At least one capital, and no small letter.</summary>
    private static bool IsUpper(string word)
    {
        bool hasCapital = false;
        foreach (Rune rune in word.EnumerateRunes())
        {
            if (Rune.IsLower(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter) return false;
            hasCapital |= Rune.IsUpper(rune);
        }
        return hasCapital;
    }
}
