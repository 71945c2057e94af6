using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Pipeline;

/// <summary>A regular expression, matched by code point.</summary>
internal sealed class RegexPattern(string pattern) : SplitPattern
{
    private readonly RegexNode _start = RegexParser.Parse(pattern);

    public override bool TryMatch(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        for (start = from; start < text.Length;)
        {
            end = _start.Match(text, start);
            if (end > start) return true;
            CodePoint.At(text, start, out int length);
            start += length;
        }
        end = start;
        return false;
    }
}
