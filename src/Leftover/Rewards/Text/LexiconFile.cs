using System.Globalization;
using Leftover.Data;

namespace Leftover.Rewards.Text;

/// <summary>Reads files of words: with a value, with a text, or alone.</summary>
internal static class LexiconFile
{
    /// <summary>Lines <c>entry TAB number</c>; what follows a second tab is not read; the last of equal entries wins.</summary>
    /// <exception cref="DataException">The file is missing, empty, or a line is something else.</exception>
    public static Dictionary<string, double> ReadValues(string path)
    {
        Dictionary<string, double> values = new(StringComparer.Ordinal);
        foreach ((int line, string entry, string text) in Fields(path, "a lexicon", "an entry, a tab and a number, for example \"good\\t3\""))
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
                throw new DataException($"{path}({line}): the value of '{entry}' is '{text}'; it must be a finite number, for example -2 or 1.5.");
            values[entry] = value;
        }
        return values;
    }

    /// <summary>Lines <c>entry TAB text</c>; the last of equal entries wins.</summary>
    /// <exception cref="DataException">The file is missing, empty, or a line is something else.</exception>
    public static Dictionary<string, string> ReadTexts(string path)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach ((_, string entry, string text) in Fields(path, "an emoji table", "an emoji, a tab and its name")) texts[entry] = text;
        return texts;
    }

    /// <summary>One entry a line; empty lines are skipped.</summary>
    /// <exception cref="DataException">The file is missing or holds no entry.</exception>
    public static List<string> ReadEntries(string path, string what)
    {
        List<string> entries = [.. Lines(path, what).Select(x => x.Text)];
        return entries.Count > 0 ? entries : throw Empty(path, what);
    }

    private static IEnumerable<(int Line, string Entry, string Text)> Fields(string path, string what, string form)
    {
        bool isEmpty = true;
        foreach ((int line, string text) in Lines(path, what))
        {
            string[] fields = text.Split('\t', 3);
            if (fields.Length < 2)
                throw new DataException($"{path}({line}): {TextUnits.Excerpt(text)} has no tab; {what} needs {form} on each line.");
            isEmpty = false;
            yield return (line, fields[0], fields[1].Trim());
        }
        if (isEmpty) throw Empty(path, what);
    }

    private static IEnumerable<(int Line, string Text)> Lines(string path, string what)
    {
        MissingFile.ThrowIfMissing(path, what);
        int line = 0;
        foreach (string raw in File.ReadLines(path))
        {
            line++;
            if (raw.Trim() is { Length: > 0 } text) yield return (line, text);
        }
    }

    private static DataException Empty(string path, string what) => new($"{path} holds no entry; {what} was to be read from it.");
}
