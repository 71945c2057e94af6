using Leftover.Evaluation;

namespace Leftover.Tests.Evaluation;

public class ResultsBuilderTests
{
    [Fact]
    public void Each_reply_is_held_against_each_of_the_others_to_the_same_prompt()
    {
        // Prompt 0: 2 and 0 against 1 and 0: wins 2 > 1, 2 > 0; 0 < 1 loses, 0 = 0 ties: (2 + ½)/4. Prompt 1: 5 and 5 against 5 and 5: ½.
        PolicyReplies a = Policy("a", [2, 0], [5, 5]), b = Policy("b", [1, 0], [5, 5]);
        PairedResult pair = Assert.Single(ResultsBuilder.Compare([b, a], 0.95, seed: 1));
        Assert.Equal(("a", "b"), (pair.A, pair.B));
        Assert.Equal((2, 5, 1), (pair.WinRate!.Wins, pair.WinRate.Ties, pair.WinRate.Losses));
        Assert.Equal((2.5 / 4 + 0.5) / 2, pair.WinRate.Rate, 1e-12);
        // Two prompts: the bootstrap is exact, its means are ½, 0.5625 twice and 0.625, and 2.5 % lie 0.075 of a place from the ends.
        Assert.Equal(0.5 + 0.075 * 0.0625, pair.WinRate.Low, 1e-12);
        Assert.Equal(0.625 - 0.075 * 0.0625, pair.WinRate.High, 1e-12);
    }

    [Fact]
    public void Self_bleu_is_taken_over_all_replies_and_over_those_to_one_prompt()
    {
        const string one = "the parcel is on its way to you", other = "we have sent a new mug this morning";
        MethodResult alike = ResultsBuilder.Summarize(Replies("a", [(0, one), (0, one), (1, other), (1, other)]), 0.95, 1);
        MethodResult crossed = ResultsBuilder.Summarize(Replies("a", [(0, one), (0, other), (1, one), (1, other)]), 0.95, 1);
        Assert.Equal(alike.SelfBleu, crossed.SelfBleu);    // the same replies, whichever prompt they answer
        Assert.Equal(1, alike.SelfBleuByPrompt!.Value, 1e-9);
        Assert.True(crossed.SelfBleuByPrompt < 0.1);
        Assert.Null(ResultsBuilder.Summarize(Replies("a", [(0, one), (1, other)]), 0.95, 1).SelfBleuByPrompt);
    }

    [Fact]
    public void All_three_estimators_of_the_kl_are_averaged_over_replies()
    {
        PolicyReplies policy = Replies("a", [(0, "x"), (1, "y")]);
        policy = policy with { Replies = [.. policy.Replies.Select((reply, i) => reply with { LogProb = -2 + i, ReferenceLogProb = -3, KlK3 = 0.2 * (i + 1), KlK2 = 0.5 * (i + 1) })] };
        MethodResult result = ResultsBuilder.Summarize(policy, 0.95, 1);
        Assert.Equal(1.5, result.Kl, 1e-12);
        Assert.Equal(0.3, result.KlK3!.Value, 1e-12);
        Assert.Equal(0.75, result.KlK2!.Value, 1e-12);
    }

    private static PolicyReplies Policy(string name, params double[][] prompts) => Of(
        name, [.. prompts.SelectMany((rewards, prompt) => rewards.Select(reward => (prompt, "text", reward)))]);

    private static PolicyReplies Replies(string name, (int Prompt, string Text)[] replies) => Of(name, [.. replies.Select(reply => (reply.Prompt, reply.Text, 0.0))]);

    private static PolicyReplies Of(string name, (int Prompt, string Text, double Reward)[] replies) => new()
    {
        Name = name,
        Seed = 1,
        Replies = [.. replies.Select(reply => new ScoredReply(reply.Prompt, $"prompt {reply.Prompt}", reply.Text, 3, new Dictionary<string, double> { ["total"] = reply.Reward }, -1, -1, 0, Cut: false))],
    };
}
