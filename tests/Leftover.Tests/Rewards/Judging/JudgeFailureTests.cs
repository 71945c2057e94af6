using Leftover.Data;
using Leftover.Rewards;
using Leftover.Rewards.Judging;

namespace Leftover.Tests.Rewards.Judging;

/// <summary>What a judge does that fails, stalls or talks nonsense; the clock moves when it waits, so no test does.</summary>
public sealed class JudgeFailureTests : IDisposable
{
    private readonly JudgeBench _bench = new();

    public void Dispose() => _bench.Dispose();

    public static TheoryData<string> Passing => ["500", "503", "429", "408", "529", "truncated json", "truncated body", "no json", "html", "no message", "null content", "hang-up"];

    [Theory, MemberData(nameof(Passing))]
    public void What_may_pass_is_asked_again(string failure)
    {
        using JudgeStub stub = new(request => request.Number <= 2 ? Failure(failure) : StubReply.Says("8"));
        Assert.Equal([8], _bench.Score(Judge(stub), "a").Values);
        Assert.Equal(3, stub.Requests.Count);
        // Twice as long each time, and between half and the whole of that.
        Assert.Equal(2, _bench.Waits.Count);
        Assert.InRange(_bench.Waits[0].TotalSeconds, 0.5, 1);
        Assert.InRange(_bench.Waits[1].TotalSeconds, 1, 2);
    }

    [Theory, MemberData(nameof(Passing))]
    public void What_does_not_pass_ends_the_scoring_and_keeps_what_is_there(string failure)
    {
        using JudgeStub stub = new(request => request.Question.Contains("splendid", StringComparison.Ordinal) ? StubReply.Says("9") : Failure(failure));
        string message = Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { Retries = 3 }, "splendid", "bad", "never asked")).Message;
        Assert.Contains("It was asked 4 times.", message);
        Assert.EndsWith("1 of 3 rows are scored and kept: a rerun goes on from there.", message);
        Assert.Equal(5, stub.Requests.Count);
        Assert.Equal(1, _bench.Score(Judge(stub), "splendid").Cached);
    }

    [Fact]
    public void Pauses_grow_to_a_minute_and_follow_from_the_seed()
    {
        using JudgeStub stub = new(_ => Failure("500"));
        double[] Waits(long seed)
        {
            using JudgeBench bench = new();
            using RewardScoring scoring = new(bench.Context(seed: seed));
            Assert.Throws<DataException>(() => scoring.Score(Judge(stub) with { Retries = 9 }, [JudgeBench.Row("a")]));
            return [.. bench.Waits.Select(wait => wait.TotalSeconds)];
        }
        double[] first = Waits(1);
        for (int i = 0; i < 9; i++) Assert.InRange(first[i], Math.Min(Math.Pow(2, i), 60) / 2, Math.Min(Math.Pow(2, i), 60));
        Assert.Equal(first, Waits(1));
        Assert.NotEqual(first, Waits(2));
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("0", 0)]
    [InlineData("Fri, 02 Jan 2026 03:05:05 GMT", 60)]       // the clock stands at 03:04:05
    public void Retry_after_is_honoured_in_seconds_and_as_a_date(string header, double seconds)
    {
        using JudgeStub stub = new(request => request.Number == 1 ? StubReply.Fails(429, "Too Many Requests", "slow down", header) : StubReply.Says("8"));
        Assert.Equal([8], _bench.Score(Judge(stub), "a").Values);
        Assert.Equal(seconds, _bench.Waits.Sum(wait => wait.TotalSeconds));
    }

    [Fact]
    public void A_pause_that_the_server_asks_of_one_request_holds_for_all()
    {
        TimeSpan[] asked = new TimeSpan[4];
        using JudgeStub stub = new(request =>
        {
            asked[request.Number] = _bench.Clock.Now;
            return request.Number == 1 ? StubReply.Fails(503, "Service Unavailable", "", "30") : StubReply.Says("8");
        });
        _bench.Score(Judge(stub), "a", "b");
        Assert.All(asked[2..], time => Assert.True(time >= TimeSpan.FromSeconds(30), time.ToString()));
    }

    [Fact]
    public void A_pause_of_hours_is_not_waited_for()
    {
        using JudgeStub stub = new(_ => StubReply.Fails(429, "Too Many Requests", "come back tomorrow", "86400"));
        string message = Assert.Throws<DataException>(() => _bench.Score(Judge(stub), "a")).Message;
        Assert.Contains("answered 429 Too Many Requests: \"come back tomorrow\". It asks for a pause of 86400 seconds, and no pause is longer than 900. Run again later.", message);
        Assert.Empty(_bench.Waits);
    }

    [Fact]
    public void One_that_stalls_is_given_up_after_the_time_limit_and_asked_again()
    {
        using JudgeStub stub = new(request =>
        {
            if (request.Number > 1) return StubReply.Says("8");
            _bench.Clock.Advance(TimeSpan.FromSeconds(45));
            return StubReply.Says("") with { Stalls = true };
        });
        Assert.Equal([8], _bench.Score(Judge(stub) with { Timeout = 45 }, "a").Values);
        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public void One_that_stalls_for_ever_is_told()
    {
        using JudgeStub stub = new(_ =>
        {
            _bench.Clock.Advance(TimeSpan.FromSeconds(45));
            return StubReply.Says("") with { Stalls = true };
        });
        Assert.Contains("has not answered for 45 seconds. It was asked 2 times.", Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { Timeout = 45, Retries = 1 }, "a")).Message);
    }

    [Fact]
    public void One_that_is_not_there_is_told()
    {
        string endpoint;
        using (JudgeStub gone = new("8")) endpoint = gone.Endpoint;
        string message = Assert.Throws<DataException>(() => _bench.Score(new JudgeReward { Endpoint = endpoint, Model = "tiny", Retries = 1 }, "a")).Message;
        Assert.Contains($"The judge 'judge' (tiny at {endpoint}) cannot be reached:", message);
        Assert.Contains("Check endpoint, and that the server runs.", message);
    }

    [Theory]
    [InlineData(401, "Name the environment variable that holds a key in api_key_env.")]
    [InlineData(403, "api_key_env")]
    [InlineData(404, "Check endpoint (it ends before /chat/completions) and model.")]
    [InlineData(302, "answered 302")]
    public void What_cannot_pass_is_not_asked_again(int status, string next)
    {
        using JudgeStub stub = new(_ => StubReply.Fails(status, "No", "{\"error\": \"no\"}"));
        Assert.Contains(next, Assert.Throws<DataException>(() => _bench.Score(Judge(stub), "a", "b")).Message);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public void An_account_without_money_is_not_asked_again()
    {
        using JudgeStub stub = new(_ => StubReply.Fails(429, "Too Many Requests", """{"error": {"code": "insufficient_quota"}}"""));
        Assert.Contains("insufficient_quota", Assert.Throws<DataException>(() => _bench.Score(Judge(stub), "a")).Message);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public void A_row_that_the_judge_refuses_does_not_hold_up_the_others()
    {
        using JudgeStub stub = new(request => request.Question.Contains("long", StringComparison.Ordinal) ? StubReply.Fails(400, "Bad Request", "context length exceeded") : StubReply.Says("4"));
        string message = Assert.Throws<DataException>(() => _bench.Score(Judge(stub), "long", "a", "b")).Message;
        Assert.Contains("gave no verdict to 1 of 3 rows", message);
        Assert.Contains("context length exceeded", message);
        Assert.Equal(3, stub.Requests.Count);
        Assert.Equal([1, 4, 4], _bench.Score(Judge(stub) with { Missing = 1 }, "long", "a", "b").Values);
    }

    [Fact]
    public void Those_under_way_come_to_their_end_when_another_fails()
    {
        TaskCompletionSource arrived = new(), failed = new();
        using JudgeStub stub = new(request =>
        {
            if (request.Question.Contains("bad", StringComparison.Ordinal))
            {
                _ = arrived.Task.ContinueWith(_ => Task.Delay(50).ContinueWith(_ => failed.SetResult(), TaskScheduler.Default), TaskScheduler.Default);
                return StubReply.Fails(401, "Unauthorized") with { Holds = arrived.Task };
            }
            arrived.TrySetResult();
            return StubReply.Says("6") with { Holds = failed.Task };
        });
        // Both are asked at once; the good one is answered after the other has failed.
        Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { Parallel = 2 }, "splendid", "bad"));
        Assert.Equal(1, _bench.Score(Judge(stub), "splendid").Cached);
    }

    [Fact]
    public void Stopping_ends_even_a_request_that_stalls()
    {
        using CancellationTokenSource stop = new();
        using JudgeStub stub = new(request =>
        {
            if (request.Question.Contains("splendid", StringComparison.Ordinal)) return StubReply.Says("6");
            stop.Cancel();
            return StubReply.Says("") with { Stalls = true };
        });
        using (RewardScoring scoring = new(_bench.Context(stop.Token)))
            Assert.ThrowsAny<OperationCanceledException>(() => scoring.Score(Judge(stub), [JudgeBench.Row("splendid"), JudgeBench.Row("bad")]));
        Assert.Equal(1, _bench.Score(Judge(stub), "splendid").Cached);
    }

    private static StubReply Failure(string kind) => kind switch
    {
        "truncated json" => new StubReply(200, "OK", """{"choices": [{"message": {"content": "8"""),
        "truncated body" => new StubReply(200, "OK", """{"choices": [""") { MissingBytes = 100 },
        "no json" => new StubReply(200, "OK", "8"),
        "html" => new StubReply(200, "OK", "<html>Welcome to the proxy</html>"),
        "no message" => new StubReply(200, "OK", """{"choices": []}"""),
        "null content" => new StubReply(200, "OK", """{"choices": [{"message": {"content": null}}]}"""),
        "hang-up" => new StubReply(200, "OK", "") { HangsUp = true },
        _ => StubReply.Fails(int.Parse(kind), "Trouble", "{\"error\": \"trouble\"}"),
    };

    private static JudgeReward Judge(JudgeStub stub) => new() { Endpoint = stub.Endpoint, Model = "tiny", Parallel = 1 };
}
