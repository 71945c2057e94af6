using System.Text;
using System.Text.RegularExpressions;
using Leftover.Tensors;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tests.Tokenization;

public class SplitPatternTests
{
    // Letters of every kind the patterns tell apart; all in the basic plane, where .NET's own patterns are right.
    private const string Alphabet = "aBé中ß'sSdtlLrevm''   \t\n\r\u00A0\u30003٣½Ⅷ.,!?-\u0301_\u200D";

    public static TheoryData<string> Patterns() => [Gpt2Pattern.Regex, Llama3Pattern.Llama3Regex, Llama3Pattern.QwenRegex];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void The_written_out_patterns_split_as_their_regular_expressions_do(string regex)
    {
        SplitPattern written = regex == Gpt2Pattern.Regex ? Gpt2Pattern.Instance : regex == Llama3Pattern.QwenRegex ? Llama3Pattern.Qwen : Llama3Pattern.Llama3;
        var oracle = new Regex(regex, RegexOptions.CultureInvariant);
        var parsed = new RegexPattern(regex);
        foreach (string text in Texts(Alphabet, 4000))
        {
            string expected = string.Join('|', oracle.Matches(text).Select(match => match.Value));
            Assert.Equal(expected, Split(written, text));
            Assert.Equal(expected, Split(parsed, text));
        }
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void The_written_out_patterns_see_letters_and_digits_above_the_basic_plane(string regex)
    {
        // U+20000 is a letter, U+1D7D9 a digit, U+1F600 a symbol. Each is two UTF-16 units. The parsed pattern was held to .NET's above.
        SplitPattern written = regex == Gpt2Pattern.Regex ? Gpt2Pattern.Instance : regex == Llama3Pattern.QwenRegex ? Llama3Pattern.Qwen : Llama3Pattern.Llama3;
        var parsed = new RegexPattern(regex);
        Assert.Equal("\U00020000a", Split(written, "\U00020000a"));
        Assert.Equal("a|\U0001F600| b", Split(written, "a\U0001F600 b"));
        foreach (string text in Texts("a \n\U00020000\U0001D7D9\U0001F600'\u0301", 3000)) Assert.Equal(Split(parsed, text), Split(written, text));
    }

    [Theory]
    [InlineData(@"\p{N}{1,3}")]
    [InlineData(@"[a-zA-Z]+|\d{2,}|[^\s\w]")]
    [InlineData(@"(?:ab|a)*c?|x+?y")]
    [InlineData(@"(?>a+)b|a")]
    [InlineData(@"a(?=b)|b(?!a)|[^ab]")]
    [InlineData(@"(?i:AB)|(?i:[c-e])+")]
    [InlineData(@"\s+$|^a|\Aab|b\z")]
    [InlineData(@"(a|b){2,3}|(?:ba){1,2}?")]
    public void Parsed_patterns_match_as_dotnets_do(string regex)
    {
        var parsed = new RegexPattern(regex);
        // ^ and $ are those of lines here; .NET's $ matches before the last line break too, as does Ruby's.
        var oracle = new Regex(regex, RegexOptions.CultureInvariant | RegexOptions.Multiline);
        foreach (string text in Texts("aabbcdexyAB 12\n.", 3000))
            Assert.Equal(string.Join('|', oracle.Matches(text).Where(match => match.Length > 0).Select(match => match.Value)), Split(parsed, text));
    }

    [Theory]
    [InlineData(@"a\b")]
    [InlineData(@"\p{Han}+")]
    [InlineData(@"(a)\1")]
    [InlineData(@"(?<=a)b")]
    [InlineData(@"[a-c&&b]")]
    [InlineData(@"\p{N}{1,3}+")]
    [InlineData(@"(a*)*")]
    [InlineData(@"a(b")]
    [InlineData(@"a)b")]
    [InlineData(@"[ab")]
    [InlineData(@"a{5,2}")]
    [InlineData(@"*a")]
    [InlineData(@"\")]
    public void A_pattern_that_is_not_built_is_refused(string regex) => Assert.Throws<NotSupportedException>(() => new RegexPattern(regex));

    private static string Split(SplitPattern pattern, string text)
    {
        var parts = new List<string>();
        int at = 0;
        while (at < text.Length && pattern.TryMatch(text, at, out int start, out int end))
        {
            parts.Add(text[start..end]);
            at = end;
        }
        return string.Join('|', parts);
    }

    private static IEnumerable<string> Texts(string alphabet, int count)
    {
        Rune[] letters = [.. alphabet.EnumerateRunes()];
        var random = new RandomStream(7, "texts", alphabet.Length);
        for (int i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (int length = random.Next(12); length > 0; length--) text.Append(letters[random.Next(letters.Length)]);
            yield return text.ToString();
        }
    }
}
