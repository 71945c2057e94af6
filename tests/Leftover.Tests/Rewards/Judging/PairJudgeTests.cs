using Leftover.Data;
using Leftover.Rewards.Judging;

namespace Leftover.Tests.Rewards.Judging;

public sealed class PairJudgeTests : IDisposable
{
    private readonly JudgeBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void The_better_answer_wins_in_either_order()
    {
        // Prefers the longer of the two; the rubric gives them as first|second.
        using JudgeStub stub = new(request =>
        {
            string[] answers = request.Question.Split('|');
            return StubReply.Says($"{{\"better\": \"{(answers[0].Length > answers[1].Length ? "A" : answers[0].Length < answers[1].Length ? "B" : "tie")}\"}}");
        });
        Assert.Equal(
            [new(PairWinner.A, true), new(PairWinner.B, true), new(PairWinner.Tie, true)],
            Judge(stub, [new("p", "longer", "short"), new("p", "ab", "abcdef"), new("p", "ab", "cd")]));
        Assert.Equal(["longer|short", "short|longer", "ab|abcdef", "abcdef|ab", "ab|cd", "cd|ab"], stub.Requests.Select(request => request.Question));
    }

    [Fact]
    public void One_that_prefers_what_stands_first_finds_no_winner()
    {
        using JudgeStub stub = new("[[A]]");
        Assert.Equal([new(PairWinner.Tie, false)], Judge(stub, [new("p", "x", "y")]));
    }

    [Fact]
    public void A_verdict_in_one_order_and_a_tie_in_the_other_is_a_tie()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Question == "x|y" ? "A" : "tie"));
        Assert.Equal([new(PairWinner.Tie, false)], Judge(stub, [new("p", "x", "y")]));
    }

    [Fact]
    public void Equal_answers_are_a_tie_that_nobody_is_asked_about()
    {
        using JudgeStub stub = new("A");
        Assert.Equal([new(PairWinner.Tie, true)], Judge(stub, [new("p", "same", "same")]));
        Assert.Empty(Judge(stub, []));
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public void Nothing_is_asked_twice_whichever_way_round_a_pair_comes()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Question.StartsWith('x') ? "A" : "B"));
        Assert.Equal([new(PairWinner.A, true)], Judge(stub, [new("p", "x", "y")]));
        Assert.Equal([new(PairWinner.B, true), new(PairWinner.A, true)], Judge(stub, [new("p", "y", "x"), new("p", "x", "y")]));
        Assert.Equal(2, stub.Requests.Count);
        Judge(stub, [new("another prompt", "x", "y")], "{prompt}? {a}|{b}");
        Assert.Equal(4, stub.Requests.Count);
    }

    [Fact]
    public void Prose_twice_is_no_verdict_and_the_others_count()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Question.Contains('z') ? "Who am I to judge?" : request.Question.StartsWith('x') ? "A" : "B"));
        Assert.Equal([new(PairWinner.None, false), new(PairWinner.A, true)], Judge(stub, [new("p", "z", "y"), new("p", "x", "y")]));
        Assert.Contains("warning: Judge judge, pairs: no score for 2 of 4 rows; no verdict counts for their pairs.", _bench.Observer.Lines);
        Assert.Equal(6, stub.Requests.Count);
        Assert.Equal(PairWinner.None, Judge(stub, [new("p", "z", "y")])[0].Winner);
        Assert.Equal(6, stub.Requests.Count);
    }

    [Fact]
    public void A_used_budget_keeps_what_was_answered()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Question.StartsWith('x') ? "A" : "B"));
        JudgeReward settings = Settings(stub, "{a}|{b}") with { MaxRequests = 3 };
        JudgedPair[] pairs = [new("p", "x", "y"), new("p", "x", "z")];
        using (PairJudge judge = new(settings, _bench.Context())) Assert.Contains("max_requests 3", Assert.Throws<DataException>(() => judge.JudgePairs(pairs)).Message);
        using (PairJudge judge = new(settings, _bench.Context())) Assert.Equal([new(PairWinner.A, true), new(PairWinner.A, true)], judge.JudgePairs(pairs));
        Assert.Equal(4, stub.Requests.Count);
    }

    [Fact]
    public void The_rubric_may_ask_for_columns_and_must_have_both_answers()
    {
        using JudgeStub stub = new("tie");
        JudgedPair pair = new("p", "x", "y") { Texts = new Dictionary<string, string> { ["reference"] = "truth" } };
        Judge(stub, [pair], "{a}|{b} like {reference}");
        Assert.Equal("x|y like truth", stub.Requests[0].Question);
        Assert.Equal(["reference"], PairJudge.ColumnsOf(Settings(stub, "{a}|{b} like {reference}")));
        Assert.Contains("does not say where {b} stands; a rubric needs {a} and {b}", Assert.Throws<DataException>(() => Judge(stub, [pair], "{a} or {completion}")).Message);
        Judge(stub, [pair], null);
        Assert.Contains("<reply_a>\nx\n</reply_a>", stub.Requests[^2].Question);
    }

    private IReadOnlyList<PairVerdict> Judge(JudgeStub stub, IReadOnlyList<JudgedPair> pairs, string? rubric = "{a}|{b}")
    {
        using PairJudge judge = new(Settings(stub, rubric), _bench.Context());
        return judge.JudgePairs(pairs);
    }

    private JudgeReward Settings(JudgeStub stub, string? rubric) => new() { Endpoint = stub.Endpoint, Model = "tiny", Parallel = 1, Rubric = rubric is null ? null : _bench.Write(rubric) };
}
