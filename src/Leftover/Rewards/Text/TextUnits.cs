using System.Globalization;
using System.Text;

namespace Leftover.Rewards.Text;

/// <summary>White space, words and characters as the field's Python tools see them, so that scores agree with theirs.</summary>
public static class TextUnits
{
    /// <summary>True for what separates words: all Unicode white space and the four separators U+001C to U+001F.</summary>
    public static bool IsWhiteSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary>True for letters, digits of all kinds (also ² and Ⅷ) and the underscore; combining marks are none.</summary>
    public static bool IsWordCharacter(Rune rune) => rune.Value == '_' || Rune.IsLetter(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>True where a word character ends right before <paramref name="index"/>.</summary>
    public static bool IsWordBefore(ReadOnlySpan<char> text, int index) =>
        index > 0 && Rune.DecodeLastFromUtf16(text[..index], out Rune rune, out _) == System.Buffers.OperationStatus.Done && IsWordCharacter(rune);

    /// <summary>True where a word character begins at <paramref name="index"/>.</summary>
    public static bool IsWordAt(ReadOnlySpan<char> text, int index) =>
        index < text.Length && Rune.DecodeFromUtf16(text[index..], out Rune rune, out _) == System.Buffers.OperationStatus.Done && IsWordCharacter(rune);

    /// <summary>The pieces between white space; none is empty.</summary>
    public static List<string> Words(string text)
    {
        List<string> words = [];
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            while (end < text.Length && !IsWhiteSpace(text[end])) end++;
            if (end > start) words.Add(text[start..end]);
            start = end + 1;
        }
        return words;
    }

    /// <summary>The number of characters: Unicode code points, so an emoji of one point is 1.</summary>
    public static int CountCharacters(string text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes()) count++;
        return count;
    }

    /// <summary>The text with every run of white space as one space.</summary>
    public static string CollapseWhiteSpace(string text)
    {
        StringBuilder collapsed = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (!IsWhiteSpace(text[i])) collapsed.Append(text[i]);
            else if (i == 0 || !IsWhiteSpace(text[i - 1])) collapsed.Append(' ');
        }
        return collapsed.ToString();
    }

    /// <summary>The beginning of a text, quoted, for a message.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Letters shown, at most.</param>
    internal static string Excerpt(string text, int length = 40) =>
        text.Length <= length ? $"\"{text}\"" : $"\"{text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)]}…\"";
}
