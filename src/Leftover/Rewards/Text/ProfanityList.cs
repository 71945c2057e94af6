using Leftover.Data;

namespace Leftover.Rewards.Text;

/// <summary>A list of words and phrases that should not occur.</summary>
public sealed class ProfanityList
{
    private readonly PhraseMatcher _matcher;

    private ProfanityList(IEnumerable<string> entries) => _matcher = new PhraseMatcher(entries.Select(x => x.ToLowerInvariant()), []);

    /// <summary>Reads a list: one entry a line.</summary>
    /// <exception cref="DataException">The file is missing or holds no entry.</exception>
    public static ProfanityList Load(string path) => new(LexiconFile.ReadEntries(path, "a list of words"));

    /// <summary>The entries found in a text, in their order; case does not matter, and a hit touches no word character on either side.</summary>
    public IEnumerable<string> Matches(string text) => _matcher.Matches(text.ToLowerInvariant());
}
