using System.Diagnostics;
using System.Text.Json;
using Leftover.Tests.Rewards.Judging;

namespace Leftover.Tests.CommandLine;

/// <summary>Programs and judges as rewards, from the command line.</summary>
public sealed class CostlyRewardTests : IDisposable
{
    private readonly CliFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reward_counts_what_was_scored_now_and_what_before()
    {
        UseProgram("while read -r line; do echo ${#line}; done");
        JsonElement first = Rewards(CliRun.Of("reward", _folder.Recipe, "--json").Worked());
        int rows = first.GetProperty("scored").GetInt32();
        Assert.True(rows > 10);
        Assert.Equal((0, 0), (first.GetProperty("cached").GetInt32(), first.GetProperty("failed").GetInt32()));

        CliRun again = CliRun.Of("reward", _folder.Recipe).Worked();
        Assert.Contains($"Reward words: 0 rows scored, {rows} out of the cache.", again.Output);
        JsonElement second = Rewards(CliRun.Of("reward", _folder.Recipe, "--json").Worked());
        Assert.Equal((0, rows), (second.GetProperty("scored").GetInt32(), second.GetProperty("cached").GetInt32()));
        Assert.Equal(first.GetProperty("figures").ToString(), second.GetProperty("figures").ToString());
    }

    [Fact]
    public void A_program_that_dies_is_told_and_a_rerun_goes_on()
    {
        UseProgram("n=0; while read -r line; do n=$((n+1)); if [ $n = 5 ] && [ ! -e mended ]; then echo 'out of memory' >&2; exit 3; fi; echo $n; done", "restarts: 0");
        CliRun broken = CliRun.Of("reward", _folder.Recipe);
        Assert.Equal(1, broken.Code);
        Assert.StartsWith("error: The program of the reward 'words' (sh score.sh) ended with exit code 3 with no answer to row row-", broken.Error);
        Assert.Contains("out of memory", broken.Error);
        Assert.Contains("4 of ", broken.Error);
        Assert.DoesNotContain("   at ", broken.Error);

        File.WriteAllText(_folder.PathOf("mended"), "");
        JsonElement mended = Rewards(CliRun.Of("reward", _folder.Recipe, "--json").Worked());
        Assert.Equal(4, mended.GetProperty("cached").GetInt32());
    }

    [Fact]
    public void A_run_scores_new_replies_with_a_program_and_asks_nothing_twice()
    {
        UseProgram("while read -r line; do echo x >> asked; echo ${#line}; done");
        CliRun.Of("run", _folder.Recipe, "--json").Worked();
        int asked = File.ReadAllLines(_folder.PathOf("asked")).Length;
        JsonElement results = CliRun.Of("run", _folder.Recipe, "--json").Worked().Json;
        Assert.True(results.GetProperty("methods")[0].GetProperty("rewards").GetProperty("words").GetProperty("mean").GetDouble() > 0);
        Assert.Equal(asked, File.ReadAllLines(_folder.PathOf("asked")).Length);
    }

    [Fact]
    public void A_program_that_reads_a_recorded_reward_has_no_say_in_new_replies()
    {
        UseProgram("while read -r line; do case $line in *'\"reward\":0.9'*) echo 1;; *) echo 0;; esac; done", "columns: [reward]");
        Assert.Equal(1, Rewards(CliRun.Of("reward", _folder.Recipe, "--json").Worked()).GetProperty("figures").GetProperty("maximum").GetDouble());
        JsonElement results = CliRun.Of("run", _folder.Recipe, "--json").Worked().Json;
        Assert.False(results.GetProperty("methods")[0].GetProperty("rewards").TryGetProperty("words", out _));
    }

    [Fact]
    public void A_judge_reads_columns_of_the_data_and_scores_the_rows()
    {
        using JudgeStub stub = new(request => StubReply.Says(request.Question.Contains("of 0.9", StringComparison.Ordinal) ? "9" : "3"));
        File.WriteAllText(_folder.PathOf("rubric.txt"), "Rate {completion} of {note}.");
        File.WriteAllLines(_folder.PathOf("train.jsonl"), File.ReadAllLines(_folder.PathOf("train.jsonl")).Select((line, i) => line.Replace("\"source\":", $"\"note\":\"{(i == 0 ? "0.9" : "0")}\",\"source\":")));
        _folder.WriteRecipe(rewards: $"rewards: [{{type: judge, name: kind, endpoint: '{stub.Endpoint}', model: tiny, rubric: rubric.txt, parallel: 2}}]");
        JsonElement first = Rewards(CliRun.Of("reward", _folder.Recipe, "--json").Worked());
        Assert.Equal((3, 9), (first.GetProperty("figures").GetProperty("minimum").GetDouble(), first.GetProperty("figures").GetProperty("maximum").GetDouble()));
        int asked = stub.Requests.Count;
        CliRun.Of("reward", _folder.Recipe).Worked();
        Assert.Equal(asked, stub.Requests.Count);
    }

    [Fact]
    public void A_judge_compares_each_method_with_the_reference()
    {
        // Prefers the reply that stands first in the alphabet, whichever order they come in.
        using JudgeStub stub = new(request =>
        {
            string[] replies = request.Question.Split("\n===\n");
            return StubReply.Says(string.CompareOrdinal(replies[0], replies[1]) < 0 ? "A" : "B");
        });
        File.WriteAllText(_folder.PathOf("pairs.txt"), "{a}\n===\n{b}");
        _folder.WriteRecipe(more: $"evaluation: {{judge: {{name: abc, endpoint: '{stub.Endpoint}', model: tiny, rubric: pairs.txt}}}}");
        CliRun.Of("run", _folder.Recipe, "training.learning_rate=0.05").Worked();
        int asked = stub.Requests.Count;
        CliRun run = CliRun.Of("run", _folder.Recipe, "training.learning_rate=0.05", "--json").Worked();
        Assert.Equal(asked, stub.Requests.Count);

        JsonElement[] judged = [.. run.Json.GetProperty("judged").EnumerateArray()];
        Assert.Equal([("nll", "reference", "abc"), ("a-lol", "reference", "abc")], judged.Select(pair => (pair.GetProperty("a").GetString()!, pair.GetProperty("b").GetString()!, pair.GetProperty("judge").GetString()!)));
        foreach (JsonElement pair in judged)
        {
            string[] own = Replies(pair.GetProperty("a").GetString()!), reference = Replies("reference");
            Assert.Equal(own.Zip(reference).Count(texts => string.CompareOrdinal(texts.First, texts.Second) < 0), pair.GetProperty("wins").GetInt32());
            Assert.Equal(own.Zip(reference).Count(texts => texts.First == texts.Second), pair.GetProperty("ties").GetInt32());
            Assert.Equal((0, 0), (pair.GetProperty("by_order").GetInt32(), pair.GetProperty("without").GetInt32()));
        }
        Assert.Contains("## By a judge", File.ReadAllText(_folder.PathOf("runs", "recipe", "report", "report.md")));
        Assert.Contains("id=\"judge\"", File.ReadAllText(_folder.PathOf("runs", "recipe", "report", "report.html")));

        string[] Replies(string policy) => [.. File.ReadLines(_folder.PathOf("runs", "recipe", "report", $"replies-{policy}.jsonl")).Select(line => JsonElement.Parse(line).GetProperty("text").GetString()!)];
    }

    [Fact, Trait("Category", "Slow")]
    public void A_killed_scoring_loses_nothing_that_was_computed()
    {
        UseProgram("n=0; while read -r line; do n=$((n+1)); if [ $n = 6 ] && [ ! -e free ]; then touch waiting; while [ ! -e free ]; do sleep 0.05; done; fi; echo $n; done");
        using (Process process = CliProcess.Start("reward", _folder.Recipe))
        {
            while (!process.HasExited && !File.Exists(_folder.PathOf("waiting"))) Thread.Sleep(20);
            while (!process.HasExited && Kept() < 5) Thread.Sleep(20);
            process.Kill();
            process.WaitForExit();
        }
        File.WriteAllText(_folder.PathOf("free"), "");
        Assert.Equal(5, Rewards(CliRun.Of("reward", _folder.Recipe, "--json").Worked()).GetProperty("cached").GetInt32());

        // Each row is a record of 52 bytes after 8 bytes of a head.
        long Kept() => Directory.Exists(_folder.PathOf("runs", "cache", "rewards")) ? Directory.GetFiles(_folder.PathOf("runs", "cache", "rewards")).Sum(file => (new FileInfo(file).Length - 8) / 52) : 0;
    }

    private void UseProgram(string script, string more = "")
    {
        File.WriteAllText(_folder.PathOf("score.sh"), script + "\n");
        _folder.WriteRecipe(rewards: $"rewards: [{{type: program, name: words, command: sh score.sh{(more.Length > 0 ? ", " + more : "")}}}]");
    }

    private static JsonElement Rewards(CliRun run) => run.Json.GetProperty("rewards")[0];
}
