using Leftover.Data;
using Leftover.Rewards;

namespace Leftover.Tests.Rewards;

public class RegexRewardTests
{
    [Fact]
    public void A_match_scores_one_value_and_the_rest_another()
    {
        RegexReward reward = new() { Patterns = [@"\d+"], Value = 2, Else = -1 };
        Assert.Equal([2, -1], Score(reward, ("", "in 1905"), ("", "long ago")));
    }

    [Fact]
    public void A_pattern_refers_to_what_the_prompt_named()
    {
        RegexReward reward = new() { PromptPattern = @"capital of (?<land>[\w ]+)\?", Patterns = [@"\bcapital of {land}\b"] };
        Assert.Equal(
            [1, 0, 0],
            Score(reward, ("What is the capital of New Zealand?", "The capital of New Zealand is Wellington."), ("The capital of Peru?", "The capital of Chile is Santiago."), ("Who are you?", "capital of ")));
    }

    [Fact]
    public void Captured_text_is_taken_literally_and_as_one_piece()
    {
        RegexReward reward = new() { PromptPattern = "(?<word>.+)", Patterns = ["^{word}{2}$"] };
        Assert.Equal([1, 0, 0, 1], Score(reward, ("a.b", "a.ba.b"), ("a.b", "axbaxb"), ("a.b", "a.bb"), ("(+", "(+(+")));
    }

    [Fact]
    public void The_braces_of_the_regular_expression_itself_are_left_alone()
    {
        RegexReward reward = new() { Patterns = [@"^\p{Lu}\P{Lu}{2,3}\{name\}$"] };
        Assert.Empty(reward.Problems());
        Assert.Equal([1, 0], Score(reward, ("", "Abc{name}"), ("", "abc{name}")));
        RegexReward afterBackslash = new() { PromptPattern = "(?<x>.)", Patterns = [@"^\\{x}$"] };   // an escaped backslash, then a reference
        Assert.Equal([1], Score(afterBackslash, ("q", @"\q")));
    }

    [Fact]
    public void A_group_that_took_no_part_finds_nothing()
    {
        RegexReward reward = new() { PromptPattern = "a(?<b>b)?", Patterns = ["x{b}"] };
        Assert.Equal([0, 1], Score(reward, ("a", "x"), ("ab", "xb")));
    }

    [Fact]
    public void Matches_are_counted_up_to_a_limit()
    {
        Assert.Equal([1.5, 0], Score(new RegexReward { Patterns = ["a", "b"], Count = true, Value = 0.5 }, ("", "aab"), ("", "c")));
        Assert.Equal([1, 0.5], Score(new RegexReward { Patterns = ["a", "b"], Count = true, Value = 0.5, MaxCount = 2 }, ("", "aab"), ("", "a")));
    }

    [Fact]
    public void All_patterns_can_be_asked_for()
    {
        RegexReward reward = new() { Patterns = ["hello", "bye"], All = true, IgnoreCase = true };
        Assert.Equal([1, 0], Score(reward, ("", "Hello and bye"), ("", "Hello")));
        Assert.Equal([1, 1], Score(reward with { All = false }, ("", "Hello and bye"), ("", "Hello")));
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        RegexReward reward = new() { PromptPattern = "(?<a>x", Patterns = ["(", "{b}"], MaxCount = 0, Value = double.NaN };
        IReadOnlyList<string> problems = reward.Problems();
        Assert.Equal(6, problems.Count);
        Assert.Contains(problems, x => x.StartsWith("prompt_pattern is no regular expression", StringComparison.Ordinal));
        Assert.Contains(problems, x => x.StartsWith("patterns[0] is no regular expression", StringComparison.Ordinal));
        Assert.Contains(problems, x => x.StartsWith("patterns[1] refers to {b}, which prompt_pattern does not capture", StringComparison.Ordinal));
        ArgumentException error = Assert.Throws<ArgumentException>(() => Score(reward, ("", "")));
        Assert.StartsWith("The reward 'regex' has 6 problems:\n  ", error.Message);
    }

    [Fact]
    public void A_pattern_that_never_ends_is_stopped_and_named()
    {
        RegexReward reward = new() { Patterns = ["^(a+)+$"] };
        DataException error = Assert.Throws<DataException>(() => Score(reward, ("", new string('a', 60) + "b")));
        Assert.Contains("took longer than 1 s to match \"^(a+)+$\" with row 0", error.Message);
    }

    private static double[] Score(RegexReward reward, params (string Prompt, string Completion)[] rows) =>
        reward.Score([.. rows.Select(x => new RewardInput(x.Prompt, x.Completion, new Dictionary<string, double>()))]);
}
