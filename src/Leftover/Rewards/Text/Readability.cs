using System.Text.RegularExpressions;

namespace Leftover.Rewards.Text;

/// <summary>How hard a text is to read (Flesch 1948; Kincaid et al. 1975), with simple counts for words, sentences and syllables.</summary>
/// <param name="Characters">Unicode code points.</param>
/// <param name="WhiteSpaceWords">Pieces between white space.</param>
/// <param name="Words">Runs of ASCII letters, apostrophes within.</param>
/// <param name="Sentences">Ends of sentences: one of .!? before white space or the end; at least 1.</param>
/// <param name="Syllables">Groups of vowels in the words, without a silent e.</param>
public sealed partial record Readability(int Characters, int WhiteSpaceWords, int Words, int Sentences, int Syllables)
{
    /// <summary>206.835 − 1.015·words/sentences − 84.6·syllables/words; higher is easier, no bounds. Null without words.</summary>
    public double? FleschReadingEase => Words == 0 ? null : 206.835 - 1.015 * Words / Sentences - 84.6 * Syllables / Words;

    /// <summary>0.39·words/sentences + 11.8·syllables/words − 15.59: years of school. Null without words.</summary>
    public double? FleschKincaidGrade => Words == 0 ? null : 0.39 * Words / Sentences + 11.8 * Syllables / Words - 15.59;

    /// <summary>Counts a text.</summary>
    public static Readability Of(string text)
    {
        int words = 0, syllables = 0;
        foreach (ValueMatch word in WordPattern().EnumerateMatches(text))
        {
            words++;
            syllables += SyllablesOf(text.AsSpan(word.Index, word.Length));
        }
        return new Readability(TextUnits.CountCharacters(text), TextUnits.Words(text).Count, words, SentencesOf(text), syllables);
    }

    private static int SentencesOf(string text)
    {
        int ends = 0;
        for (int i = 0; i < text.Length; i++)
            if (text[i] is '.' or '!' or '?' && (i + 1 == text.Length || TextUnits.IsWhiteSpace(text[i + 1]))) ends++;
        return Math.Max(1, ends);
    }

    private static int SyllablesOf(ReadOnlySpan<char> word)
    {
        int groups = 0;
        char last = '\0', beforeLast = '\0';
        foreach (char c in word)
        {
            if (!char.IsAsciiLetter(c)) continue;   // an apostrophe joins what stands around it
            (beforeLast, last) = (last, char.ToLowerInvariant(c));
            if (IsVowel(last) && !IsVowel(beforeLast)) groups++;
        }
        bool isSilent = groups > 1 && last == 'e' && !IsVowel(beforeLast) && beforeLast != 'l';
        return Math.Max(1, isSilent ? groups - 1 : groups);
    }

    private static bool IsVowel(char c) => c is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';

    [GeneratedRegex("[A-Za-z]+(?:'[A-Za-z]+)*", RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern();
}
