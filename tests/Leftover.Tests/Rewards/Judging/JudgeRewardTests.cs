using Leftover.Data;
using Leftover.Rewards;
using Leftover.Rewards.Judging;
using Leftover.Runs;

namespace Leftover.Tests.Rewards.Judging;

public sealed class JudgeRewardTests : IDisposable
{
    private readonly JudgeBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_judge_reads_the_rubric_with_the_row_in_it_and_answers_with_a_score()
    {
        using JudgeStub stub = new("""{"score": 7.5}""");
        JudgeReward judge = Judge(stub) with { Rubric = _bench.Write("Rate {completion} after {prompt} like {reference}, {min} to {max}. {\"not\": \"a name\"}") };
        RewardInput row = JudgeBench.Row("Fine, {prompt}!") with { Texts = new Dictionary<string, string> { ["reference"] = "Very well." } };
        Assert.Equal([7.5], _bench.Score(judge, row).Values);
        StubRequest request = Assert.Single(stub.Requests);
        // What is put in is not read again as a rubric.
        Assert.Equal("Rate Fine, {prompt}! after How are you? like Very well., 1 to 10. {\"not\": \"a name\"}", request.Question);
        Assert.Equal("POST /v1/chat/completions HTTP/1.1", request.Line);
        Assert.Equal("tiny", (string)request.Body["model"]!);
        Assert.Equal(0, (double)request.Body["temperature"]!);
        Assert.Equal(512, (int)request.Body["max_tokens"]!);
        Assert.False(request.Headers.ContainsKey("Authorization"));
        Assert.Contains("Judge judge: 1 request, 12 tokens so far.", _bench.Observer.Lines);
    }

    [Fact]
    public void Without_a_rubric_the_built_in_one_is_asked()
    {
        using JudgeStub stub = new("8");
        Assert.Equal([8], _bench.Score(Judge(stub) with { Max = 20 }, "Fine.").Values);
        Assert.Contains("How are you?", stub.Requests[0].Question);
        Assert.Contains("Fine.", stub.Requests[0].Question);
        Assert.Contains("from 1 (worst) to 20 (best)", stub.Requests[0].Question);
    }

    [Fact]
    public void Keys_of_the_request_are_added_replaced_and_left_out()
    {
        using JudgeStub stub = new("8");
        Recipe recipe = RecipeLoader.Parse($"rewards: [{{type: judge, endpoint: '{stub.Endpoint}', model: tiny, request: {{max_tokens: null, max_completion_tokens: 9, temperature: 0.5, stop: [x]}}}}]", _bench.Cache);
        _bench.Score((JudgeReward)recipe.Rewards[0].Reward.Bind<RewardSource>(), "a");
        Assert.False(stub.Requests[0].Body.AsObject().ContainsKey("max_tokens"));
        Assert.Equal(9, (int)stub.Requests[0].Body["max_completion_tokens"]!);
        Assert.Equal(0.5, (double)stub.Requests[0].Body["temperature"]!);
        Assert.Equal("x", (string)stub.Requests[0].Body["stop"]![0]!);
    }

    [Fact]
    public void Nothing_is_asked_twice()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Question.Contains("splendid", StringComparison.Ordinal) ? "9" : "2"));
        Assert.Equal([9, 2, 9], _bench.Score(Judge(stub), "splendid", "bad", "splendid").Values);
        Assert.Equal(2, stub.Requests.Count);
        RewardScores again = _bench.Score(Judge(stub) with { RequestsPerMinute = 3, MaxRequests = 1, Timeout = 5, Retries = 0, Missing = 4, Parallel = 1 }, "bad", "splendid", "fair");
        Assert.Equal([2, 9, 2], again.Values);
        Assert.Equal((2, 1), (again.Cached, again.Scored));
        Assert.Equal(3, stub.Requests.Count);
        _bench.Score(Judge(stub) with { Model = "other" }, "splendid");
        _bench.Score(Judge(stub) with { Max = 11 }, "splendid");
        _bench.Score(Judge(stub) with { Rubric = _bench.Write("{completion}?") }, "splendid");
        Assert.Equal(6, stub.Requests.Count);
    }

    [Fact]
    public void Prose_without_a_verdict_is_asked_again_once()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Turns == 1 ? "What a fine reply!" : "Sorry. 6"));
        Assert.Equal([6], _bench.Score(Judge(stub), "a").Values);
        Assert.Equal([1, 3], stub.Requests.Select(request => request.Turns));
        Assert.Equal("What a fine reply!", (string)stub.Requests[1].Body["messages"]![1]!["content"]!);
        Assert.Equal("assistant", (string)stub.Requests[1].Body["messages"]![1]!["role"]!);
        Assert.Contains("{\"score\": N}", (string)stub.Requests[1].Body["messages"]![2]!["content"]!);
    }

    [Fact]
    public void Prose_twice_is_told_once_all_other_rows_are_scored()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Question.Contains("odd", StringComparison.Ordinal) ? "Who am I to judge?" : "5"));
        string message = Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { Parallel = 1 }, "odd", "a", "b")).Message;
        Assert.Contains("gave no verdict to 1 of 3 rows, also when asked again; a number from 1 to 10 is needed.", message);
        Assert.Contains("row 0 (completion \"odd\"): it answered \"Who am I to judge?\", and asked again \"Who am I to judge?\"", message);
        Assert.EndsWith("2 of 3 rows are scored and kept: a rerun goes on from there.", message);
        Assert.Equal(4, stub.Requests.Count);
        Assert.Throws<DataException>(() => _bench.Score(Judge(stub), "odd", "a", "b"));
        Assert.Equal(6, stub.Requests.Count);
    }

    [Fact]
    public void A_score_can_stand_for_rows_without_a_verdict()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Question.Contains("odd", StringComparison.Ordinal) ? "Who am I to judge?" : "5"));
        RewardScores scores = _bench.Score(Judge(stub) with { Missing = 1 }, "odd", "a");
        Assert.Equal([1, 5], scores.Values);
        Assert.Equal((1, 1), (scores.Scored, scores.Failed));
        Assert.Contains("warning: Reward judge: no score for 1 of 2 rows; they score 'missing', 1.", _bench.Observer.Lines);
        int asked = stub.Requests.Count;
        RewardScores again = _bench.Score(Judge(stub) with { Missing = 2 }, "odd", "a");
        Assert.Equal([2, 5], again.Values);
        Assert.Equal((1, 0, 1), (again.Cached, again.Scored, again.Failed));
        Assert.Equal(asked, stub.Requests.Count);
        Assert.Throws<DataException>(() => _bench.Score(Judge(stub), "odd", "a"));          // now it is an error, and so it is asked anew
        Assert.Equal(asked + 2, stub.Requests.Count);
    }

    [Fact]
    public void A_judge_that_never_gives_a_verdict_is_not_asked_about_all_rows()
    {
        using JudgeStub stub = new("Lovely weather.");
        string message = Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { Missing = 1, Parallel = 1 }, [.. Enumerable.Range(0, 100).Select(i => $"reply {i}")])).Message;
        Assert.Contains("has given no verdict to 10 questions on end", message);
        Assert.Contains("… and 7 more", message);
        Assert.Equal(20, stub.Requests.Count);
    }

    [Fact]
    public void A_column_that_the_rubric_asks_for_and_a_row_lacks_is_told_before_anything_is_asked()
    {
        using JudgeStub stub = new("8");
        JudgeReward judge = Judge(stub) with { Rubric = _bench.Write("{completion} like {refrence}") };
        RewardInput has = JudgeBench.Row("a") with { Texts = new Dictionary<string, string> { ["refrence"] = "x" } };
        string message = Assert.Throws<DataException>(() => _bench.Score(judge, has, JudgeBench.Row("b") with { Id = "log.jsonl:9" })).Message;
        Assert.Contains("asks for {refrence}, a column that row log.jsonl:9 (completion \"b\") does not have.", message);
        Assert.Empty(stub.Requests);
        Assert.Contains("does not say where {completion} stands", Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { Rubric = _bench.Write("{prompt}") }, "a")).Message);
        Assert.Contains("the rubric of the judge", Assert.Throws<DataException>(() => _bench.Score(Judge(stub) with { Rubric = Path.Combine(_bench.Cache, "none.txt") }, "a")).Message);
    }

    [Fact]
    public void The_key_comes_from_a_variable_and_goes_nowhere_but_to_the_judge()
    {
        const string variable = "LEFTOVER_TEST_JUDGE_KEY", key = "sk-very-secret-1";
        using JudgeStub stub = new(request => request.Number == 1 ? StubReply.Says("8") : StubReply.Fails(401, "Unauthorized", $"{{\"error\": \"Incorrect API key provided: {key}\"}}"));
        JudgeReward judge = Judge(stub) with { ApiKeyEnv = variable };
        Assert.Contains($"The environment variable {variable}, which is to hold the key of the judge 'judge', is not set.", Assert.Throws<DataException>(() => _bench.Score(judge, "a")).Message);
        Environment.SetEnvironmentVariable(variable, key);
        try
        {
            _bench.Score(judge, "a");
            string message = Assert.Throws<DataException>(() => _bench.Score(judge, "b")).Message;
            Assert.Contains("answered 401 Unauthorized", message);
            Assert.Contains($"Check the key in {variable}.", message);
            Assert.DoesNotContain(key, message + _bench.Observer.Lines);
            Assert.Equal($"Bearer {key}", stub.Requests[0].Headers["Authorization"]);
            foreach (string file in Directory.GetFiles(_bench.Cache, "*", SearchOption.AllDirectories)) Assert.DoesNotContain(key, File.ReadAllText(file));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public void Settings_tell_all_that_is_wrong_with_them()
    {
        JudgeReward bad = new() { Endpoint = "localhost:8080", Model = " ", ApiKeyEnv = "sk-1234-secret", Min = 3, Max = 3, Timeout = 0, Parallel = 0, Retries = -1, MaxRequests = 0, MaxCost = 1 };
        Assert.Equal(
        [
            "endpoint is 'localhost:8080'; it must be an address such as http://localhost:8080/v1.",
            "model is empty; it must be the model's name at the endpoint.",
            "api_key_env is no name of an environment variable (letters, digits and _). A key itself never belongs into a recipe: put it into a variable and name that.",
            "min is 3 and max 3; both must be finite, and min the lesser.",
            "timeout is 0; it must be above 0 and at most 86400 seconds.",
            "parallel is 0; it must lie in [1, 256].",
            "retries is -1; it must be at least 0.",
            "max_requests is 0; it must be at least 1.",
            "max_cost is given without prices; give input_price and output_price, for a million tokens.",
        ], bad.Problems());
        JudgeReward fine = new() { Endpoint = "http://localhost:8080/v1", Model = "m" };
        Assert.Empty(fine.Problems());
        Assert.Contains("leave that out", Assert.Single((fine with { Endpoint = "http://localhost/v1/chat/completions/" }).Problems()));
        string userInfo = Assert.Single((fine with { Endpoint = "http://me:secret@localhost/v1" }).Problems());
        Assert.DoesNotContain("secret", userInfo);
        Assert.Equal(["missing is 0; it must lie in [1, 10]."], (fine with { Missing = 0 }).Problems());
    }

    [Fact]
    public void A_recipe_names_a_judge_for_rewards_and_for_pairs_and_comes_back_whole()
    {
        Recipe recipe = RecipeLoader.Parse(
            """
            rewards: [{type: judge, endpoint: 'http://localhost:1/v1', model: m, rubric: r.txt, api_key_env: KEY, requests_per_minute: 30}]
            evaluation: {judge: {endpoint: 'http://localhost:1/v1', model: m, rubric: pairs.txt, max_cost: 2, input_price: 1, request: {seed: 1}}}
            """, _bench.Cache);
        JudgeReward reward = (JudgeReward)recipe.Rewards[0].Reward.Bind<RewardSource>();
        Assert.Equal((Path.Combine(_bench.Cache, "r.txt"), "KEY", 30), (reward.Rubric, reward.ApiKeyEnv, reward.RequestsPerMinute));
        Assert.Equal((Path.Combine(_bench.Cache, "pairs.txt"), 2.0), (recipe.Evaluation.Judge!.Rubric, recipe.Evaluation.Judge.MaxCost));
        Assert.Equal(recipe.ToJson(), RecipeLoader.Parse(recipe.ToJson(), _bench.Cache).ToJson());

        string message = Assert.Throws<RecipeException>(() => RecipeLoader.Parse("rewards: [{type: judge, endpoint: x, model: m, rubrik: r}]\nevaluation: {judge: {endpoint: y, model: m, type: program}}", _bench.Cache)).Message;
        Assert.Contains("did you mean 'rubric'?", message);
        Assert.Contains("is 'program'; it must be 'judge', or be left out.", message);
        Assert.Contains("endpoint is 'y'", Assert.Throws<RecipeException>(() => RecipeLoader.Parse("evaluation: {judge: {endpoint: y, model: m}}", _bench.Cache)).Message);
    }

    private static JudgeReward Judge(JudgeStub stub) => new() { Endpoint = stub.Endpoint, Model = "tiny" };
}
