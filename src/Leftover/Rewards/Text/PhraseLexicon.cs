using Leftover.Data;

namespace Leftover.Rewards.Text;

/// <summary>Words and phrases with values, such as AFINN (Nielsen 2011, arXiv:1103.2903): the text is lower-cased, phrases go before their words.</summary>
public sealed class PhraseLexicon
{
    private readonly Dictionary<string, double> _values;
    private readonly PhraseMatcher _matcher;

    private PhraseLexicon(Dictionary<string, double> words, Dictionary<string, double> emoticons)
    {
        _matcher = new PhraseMatcher(words.Keys, emoticons.Keys);
        _values = words;
        foreach ((string emoticon, double value) in emoticons) _values[emoticon] = value;
    }

    /// <summary>Reads a lexicon: lines of an entry, a tab and a number.</summary>
    /// <param name="path">The file of words and phrases, in lower case.</param>
    /// <param name="emoticons">A file of the same form whose entries may also stand inside words; or null.</param>
    /// <exception cref="DataException">A file is missing, empty or malformed; the message names file and line.</exception>
    public static PhraseLexicon Load(string path, string? emoticons = null) =>
        new(LexiconFile.ReadValues(path), emoticons is null ? [] : LexiconFile.ReadValues(emoticons));

    /// <summary>The entries found in a text, in their order, each with its value.</summary>
    public IEnumerable<(string Entry, double Value)> Matches(string text) =>
        _matcher.Matches(TextUnits.CollapseWhiteSpace(text).ToLowerInvariant()).Select(x => (x, _values[x]));

    /// <summary>The sum of the values found.</summary>
    public double Sum(string text) => Matches(text).Sum(x => x.Value);

    /// <summary>The mean of the values found; 0 where there is none.</summary>
    public double Mean(string text) => Matches(text).Select(x => x.Value).DefaultIfEmpty(0).Average();
}
