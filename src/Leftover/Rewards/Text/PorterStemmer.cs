namespace Leftover.Rewards.Text;

/// <summary>Porter's stemmer (1980, "An algorithm for suffix stripping") with the amendments that NLTK makes by default, so that ROUGE agrees with the field's tools.</summary>
/// <remarks>
/// The amendments: a list of irregular words; words of one or two letters stay; -ies and -ied of four letters become -ie; y becomes i only after a consonant
/// that is not the first letter; -bli for -abli, and the endings -fulli and -logi; -alli is tried again as -al; a vowel and a consonant alone count as short.
/// </remarks>
public static class PorterStemmer
{
    private readonly record struct Rule(string Suffix, string Replacement);

    private static readonly Dictionary<string, string> s_irregular = new (string Word, string Stem)[]
    {
        ("sky", "sky"), ("skies", "sky"), ("dying", "die"), ("lying", "lie"), ("tying", "tie"), ("news", "news"), ("innings", "inning"), ("inning", "inning"),
        ("outings", "outing"), ("outing", "outing"), ("cannings", "canning"), ("canning", "canning"), ("howe", "howe"),
        ("proceed", "proceed"), ("exceed", "exceed"), ("succeed", "succeed"),
    }.ToDictionary(pair => pair.Word, pair => pair.Stem);

    private static readonly Rule[] s_plural = [new("sses", "ss"), new("ies", "i"), new("ss", "ss"), new("s", "")];

    private static readonly Rule[] s_double =
    [
        new("ational", "ate"), new("tional", "tion"), new("enci", "ence"), new("anci", "ance"), new("izer", "ize"), new("bli", "ble"), new("alli", "al"), new("entli", "ent"),
        new("eli", "e"), new("ousli", "ous"), new("ization", "ize"), new("ation", "ate"), new("ator", "ate"), new("alism", "al"), new("iveness", "ive"), new("fulness", "ful"),
        new("ousness", "ous"), new("aliti", "al"), new("iviti", "ive"), new("biliti", "ble"), new("fulli", "ful"),
    ];

    private static readonly Rule[] s_third = [new("icate", "ic"), new("ative", ""), new("alize", "al"), new("iciti", "ic"), new("ical", "ic"), new("ful", ""), new("ness", "")];

    private static readonly string[] s_last =
        ["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize"];

    /// <summary>The stem of a word.</summary>
    /// <param name="word">In lower case.</param>
    public static string Stem(string word)
    {
        if (s_irregular.TryGetValue(word, out string? stem)) return stem;
        if (word.Length <= 2) return word;
        return WithoutDoubleL(WithoutE(WithoutLast(Third(Second(WithI(WithoutPast(WithoutPlural(word))))))));
    }

    private static string WithoutPlural(string word) =>
        word.Length == 4 && Ends(word, "ies") ? word[..^1] : Apply(word, s_plural, least: 0);

    private static string WithoutPast(string word)
    {
        if (Ends(word, "ied")) return word.Length == 4 ? word[..^1] : word[..^2];
        if (Ends(word, "eed")) return Measure(word[..^3]) > 0 ? word[..^1] : word;
        string? stem = Ends(word, "ed") && HasVowel(word[..^2]) ? word[..^2] : Ends(word, "ing") && HasVowel(word[..^3]) ? word[..^3] : null;
        if (stem is null) return word;
        if (Ends(stem, "at") || Ends(stem, "bl") || Ends(stem, "iz")) return stem + "e";
        if (EndsInDoubleConsonant(stem)) return stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1];
        return Measure(stem) == 1 && IsShort(stem) ? stem + "e" : stem;
    }

    private static string WithI(string word) => Ends(word, "y") && word.Length > 2 && IsConsonant(word, word.Length - 2) ? word[..^1] + "i" : word;

    private static string Second(string word)
    {
        if (Ends(word, "alli") && Measure(word[..^4]) > 0) return Second(word[..^2]);
        if (Ends(word, "logi")) return Measure(word[..^3]) > 0 ? word[..^1] : word;
        return Apply(word, s_double, least: 1);
    }

    private static string Third(string word) => Apply(word, s_third, least: 1);

    private static string WithoutLast(string word)
    {
        foreach (string suffix in s_last)
        {
            if (!Ends(word, suffix)) continue;
            string stem = word[..^suffix.Length];
            bool goes = Measure(stem) > 1 && (suffix != "ion" || stem[^1] is 's' or 't');
            return goes ? stem : word;
        }
        return word;
    }

    private static string WithoutE(string word)
    {
        if (!Ends(word, "e")) return word;
        string stem = word[..^1];
        int measure = Measure(stem);
        return measure > 1 || (measure == 1 && !IsShort(stem)) ? stem : word;
    }

    private static string WithoutDoubleL(string word) => Ends(word, "ll") && Measure(word[..^1]) > 1 ? word[..^1] : word;

    /// <summary>The first rule whose suffix fits decides, whether or not its stem is long enough.</summary>
    private static string Apply(string word, Rule[] rules, int least)
    {
        foreach (Rule rule in rules)
        {
            if (!Ends(word, rule.Suffix)) continue;
            string stem = word[..^rule.Suffix.Length];
            return Measure(stem) >= least ? stem + rule.Replacement : word;
        }
        return word;
    }

    private static bool Ends(string word, string suffix) => word.EndsWith(suffix, StringComparison.Ordinal);

    /// <summary>A y is a consonant at the start and after a vowel.</summary>
    private static bool IsConsonant(string word, int place) => word[place] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => place == 0 || !IsConsonant(word, place - 1),
        _ => true,
    };

    /// <summary>How often a run of vowels is followed by one of consonants.</summary>
    private static int Measure(string stem)
    {
        int count = 0;
        for (int i = 1; i < stem.Length; i++)
            if (IsConsonant(stem, i) && !IsConsonant(stem, i - 1)) count++;
        return count;
    }

    private static bool HasVowel(string stem)
    {
        for (int i = 0; i < stem.Length; i++)
            if (!IsConsonant(stem, i)) return true;
        return false;
    }

    private static bool EndsInDoubleConsonant(string word) => word.Length >= 2 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    /// <summary>Consonant, vowel, consonant at the end, the last not w, x or y; or a vowel and a consonant and no more.</summary>
    private static bool IsShort(string word)
    {
        int n = word.Length;
        if (n == 2) return !IsConsonant(word, 0) && IsConsonant(word, 1);
        return n >= 3 && IsConsonant(word, n - 3) && !IsConsonant(word, n - 2) && IsConsonant(word, n - 1) && word[^1] is not ('w' or 'x' or 'y');
    }
}
