using Leftover.Rewards.Judging;

namespace Leftover.Tests.Rewards.Judging;

public class VerdictsTests
{
    [Theory]
    [InlineData("7", 7.0)]
    [InlineData("{\"score\": 7.25}", 7.25)]
    [InlineData("```json\n{\"reason\": \"3 errors in 2 lines\", \"score\": 4}\n```", 4.0)]
    [InlineData("{\"score\": \"6\"}", 6.0)]
    [InlineData("{\"score\": 2} no, wait: {\"score\": 5}", 5.0)]
    [InlineData("It has {braces} and earns a 3.", 3.0)]
    [InlineData("I see 3 faults, so 6", 6.0)]
    [InlineData("Score: 8/10", 8.0)]
    [InlineData("8 out of 10.", 8.0)]
    [InlineData("On a scale of 1-10: 9.", 9.0)]
    [InlineData("**Rating: 1e1**", 10.0)]
    [InlineData("<think>Perhaps 3, or 4.</think> 8", 8.0)]
    [InlineData("8 <think>or 3, if one", 8.0)]
    [InlineData("+5", 5.0)]
    [InlineData("", null)]
    [InlineData("A fine reply.", null)]
    [InlineData("11", null)]
    [InlineData("0.5", null)]
    [InlineData("-3", null)]
    [InlineData("4/5", null)]
    [InlineData("{\"score\": 12}", null)]
    [InlineData("{\"score\": null} 7", null)]
    [InlineData("{\"score\": NaN} ", null)]
    public void A_score_is_the_last_of_its_kind_and_in_range(string answer, double? expected) => Assert.Equal(expected, Verdicts.Score(answer, 1, 10));

    [Fact]
    public void Scores_may_be_negative() => Assert.Equal(-3, Verdicts.Score("I give it -3.", -5, 5));

    [Theory]
    [InlineData("{\"better\": \"A\"}", 1.0)]
    [InlineData("{\"better\": \"b\"}", -1.0)]
    [InlineData("{\"reason\": \"B is longer\", \"winner\": \"A\"}", 1.0)]
    [InlineData("{\"verdict\": \"tie\"}", 0.0)]
    [InlineData("[[B]]", -1.0)]
    [InlineData("I first thought [[A]], but [[C]]", 0.0)]
    [InlineData("A", 1.0)]
    [InlineData("**B**", -1.0)]
    [InlineData("tie.", 0.0)]
    [InlineData("Both have merits.\nFinal verdict: B", -1.0)]
    [InlineData("The answer is clear.\nAnswer is A.", 1.0)]
    [InlineData("Reply A", 1.0)]
    [InlineData("A good reply, both of them.", null)]
    [InlineData("A is wordy, B is wrong.", null)]
    [InlineData("{\"better\": \"both are fine\"}", null)]
    [InlineData("", null)]
    public void The_better_one_is_named_alone(string answer, double? expected) => Assert.Equal(expected, Verdicts.Better(answer));
}
