using System.Text;
using System.Text.RegularExpressions;

namespace Leftover.Rewards;

/// <summary>A completion's pattern in which <c>{name}</c> stands for what the prompt's pattern captured as that group.</summary>
/// <remarks>Braces after an odd number of backslashes, or after \p and \P, are the regular expression's own; so are {2} and {2,3}.</remarks>
internal sealed partial class PromptReferences
{
    private readonly List<string> _literals = [];   // what stands before, between and after the references

    public PromptReferences(string pattern)
    {
        int start = 0;
        foreach (Match match in Reference().Matches(pattern))
        {
            _literals.Add(pattern[start..match.Index]);
            Names.Add(match.Groups["name"].Value);
            start = match.Index + match.Length;
        }
        _literals.Add(pattern[start..]);
    }

    /// <summary>The groups referred to, in order; a name may repeat.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The regular expression for one prompt: each reference is the captured text, escaped, as one piece that a quantifier may follow.</summary>
    /// <param name="captured">The text of a group.</param>
    public string Fill(Func<string, string> captured)
    {
        StringBuilder filled = new(_literals[0]);
        for (int i = 0; i < Names.Count; i++) filled.Append("(?:").Append(Regex.Escape(captured(Names[i]))).Append(')').Append(_literals[i + 1]);
        return filled.ToString();
    }

    [GeneratedRegex(@"(?<=(?:^|[^\\])(?:\\\\)*)(?<!(?<!\\)(?:\\\\)*\\[pP])\{(?<name>[A-Za-z_]\w*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
