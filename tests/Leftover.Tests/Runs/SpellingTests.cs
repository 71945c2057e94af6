using Leftover.Runs;

namespace Leftover.Tests.Runs;

public class SpellingTests
{
    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("steps", "STEPS", 0)]
    [InlineData("ab", "ba", 2)]
    public void The_distance_counts_letters_to_change(string a, string b, int expected)
    {
        Assert.Equal(expected, Spelling.Distance(a, b));
        Assert.Equal(expected, Spelling.Distance(b, a));
    }

    [Fact]
    public void Only_a_near_word_is_suggested()
    {
        Assert.Equal("a-lol-kl", Spelling.Closest("alol-kl", ["nll", "a-lol", "a-lol-kl"]));
        Assert.Null(Spelling.Closest("transformer", ["nll", "a-lol"]));
        Assert.Equal("", Spelling.Hint("transformer", ["nll"]));
    }
}
