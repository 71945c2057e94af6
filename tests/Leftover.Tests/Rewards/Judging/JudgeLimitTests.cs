using Leftover.Data;
using Leftover.Rewards;
using Leftover.Rewards.Judging;

namespace Leftover.Tests.Rewards.Judging;

/// <summary>Limits on requests and tokens a minute, and the budget of a run.</summary>
public sealed class JudgeLimitTests : IDisposable
{
    private readonly JudgeBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void No_minute_sees_more_requests_than_are_allowed()
    {
        List<TimeSpan> asked = [];
        using JudgeStub stub = new(_ =>
        {
            lock (asked) asked.Add(_bench.Clock.Now);
            return StubReply.Says("5");
        });
        _bench.Score(Judge(stub) with { RequestsPerMinute = 3 }, Replies(8));
        asked.Sort();
        Assert.Equal(8, asked.Count);
        for (int i = 3; i < asked.Count; i++) Assert.True(asked[i] - asked[i - 3] >= TimeSpan.FromMinutes(1), $"{i}: {asked[i - 3]} and {asked[i]}");
        Assert.Equal(TimeSpan.FromMinutes(2), asked[^1]);
    }

    [Fact]
    public void No_minute_sees_more_tokens_than_are_allowed()
    {
        using JudgeStub stub = new(_ => StubReply.Says("5", input: 250, output: 150));
        // Each takes 400, and is counted with what its text and the longest answer would take before it is answered: after two, a third does not fit.
        _bench.Score(Judge(stub) with { TokensPerMinute = 1200, Rubric = _bench.Write("{completion}") }, Replies(4));
        Assert.Equal([TimeSpan.FromMinutes(1)], _bench.Waits);
    }

    [Fact]
    public void A_question_larger_than_the_limit_goes_alone()
    {
        using JudgeStub stub = new(_ => StubReply.Says("5", input: 250, output: 150));
        _bench.Score(Judge(stub) with { TokensPerMinute = 100 }, Replies(3));
        Assert.Equal([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)], _bench.Waits);
    }

    [Fact]
    public void No_more_are_under_way_than_are_allowed()
    {
        TaskCompletionSource three = new();
        int arrived = 0;
        using JudgeStub stub = new(_ =>
        {
            if (Interlocked.Increment(ref arrived) == 3) three.SetResult();
            return StubReply.Says("5") with { Holds = three.Task };
        });
        _bench.Score(Judge(stub) with { Parallel = 3 }, Replies(9));
        Assert.Equal(3, stub.MostUnderWay);
    }

    [Fact]
    public void A_budget_of_requests_ends_the_scoring_and_a_rerun_goes_on()
    {
        using JudgeStub stub = new("5");
        JudgeReward judge = Judge(stub) with { MaxRequests = 3 };
        string message = Assert.Throws<DataException>(() => _bench.Score(judge, Replies(7))).Message;
        Assert.StartsWith("The judge 'judge' has used its budget of this run, max_requests 3: 3 requests, 36 tokens, and the next request might go beyond it. Raise max_requests, or run again:", message);
        Assert.EndsWith("3 of 7 rows are scored and kept: a rerun goes on from there.", message);
        Assert.Throws<DataException>(() => _bench.Score(judge, Replies(7)));
        RewardScores last = _bench.Score(judge, Replies(7));
        Assert.Equal((6, 1), (last.Cached, last.Scored));
        Assert.Equal(7, stub.Requests.Count);
    }

    [Fact]
    public void A_budget_holds_for_all_scoring_of_a_run()
    {
        using JudgeStub stub = new("5");
        JudgeReward judge = Judge(stub) with { MaxRequests = 3 };
        using RewardScoring scoring = new(_bench.Context());
        scoring.Score(judge, [JudgeBench.Row("a"), JudgeBench.Row("b")]);
        Assert.Throws<DataException>(() => scoring.Score(judge, [JudgeBench.Row("c"), JudgeBench.Row("d")]));
        Assert.Equal(3, stub.Requests.Count);
    }

    [Fact]
    public void Failed_requests_count_too()
    {
        using JudgeStub stub = new(_ => StubReply.Fails(500, "Trouble"));
        Assert.Contains("max_requests 2", Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { MaxRequests = 2 }, "a")).Message);
        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public void A_budget_of_tokens_is_not_passed()
    {
        using JudgeStub stub = new(_ => StubReply.Says("5", input: 250, output: 150));
        // 400 each are used, and 20 more than the longest answer are reserved at most: the third would need 800 + 100 and more.
        string message = Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { MaxTokens = 900, MaxReplyTokens = 100, Rubric = _bench.Write("{completion}") }, Replies(5))).Message;
        Assert.Contains("max_tokens 900: 2 requests, 800 tokens", message);
    }

    [Fact]
    public void A_budget_of_money_is_not_passed()
    {
        using JudgeStub stub = new(_ => StubReply.Says("5", input: 1_000_000, output: 100_000));
        // 2 + 0.8 each: two are 5.6, and the next is reserved with 0.8 for 100,000 tokens of an answer.
        JudgeReward judge = Judge(stub) with { MaxCost = 6, InputPrice = 2, OutputPrice = 8, MaxReplyTokens = 100_000 };
        string message = Assert.Throws<DataException>(() => _bench.Score(judge, Replies(5))).Message;
        Assert.Contains("max_cost 6: 2 requests, 2,200,000 tokens, cost 5.6", message);
        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public void Without_usage_in_an_answer_the_texts_are_counted()
    {
        using JudgeStub stub = new(_ => new StubReply(200, "OK", """{"choices": [{"message": {"content": "{\"score\": 5}  "}}]}"""));
        _bench.Score(Judge(stub) with { Rubric = _bench.Write("{completion}") }, new string('x', 29));
        // 29 / 3 + 1 of the question, 14 / 3 + 1 of the answer.
        Assert.Contains("1 request, 15 tokens so far", _bench.Observer.Lines);
    }

    private static string[] Replies(int count) => [.. Enumerable.Range(0, count).Select(i => $"reply {i}")];

    private static JudgeReward Judge(JudgeStub stub) => new() { Endpoint = stub.Endpoint, Model = "tiny", Parallel = 1 };
}
