using System.Text.Json;
using Leftover.Tests.Golden;

namespace Leftover.Tests.CommandLine;

public sealed class GenerateTests : IDisposable
{
    private const string Model = "models/smollm2-135m-instruct";
    private readonly CliFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Forms => new("smollm2-135m-instruct", "smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");

    [SharedTheory(Model)]
    [MemberData(nameof(Forms))]
    [Trait("Category", "Golden")]
    [Trait("Category", "Slow")]
    public void The_capital_of_France_is_Paris(string model)
    {
        CliRun run = CliRun.Of("generate", "--model", SharedData.PathOf("models", model), "--prompt", "What is the capital of France?", "--temperature", "0").Worked();
        Assert.Equal("The capital of France is Paris." + Environment.NewLine, run.Output);
    }

    [Fact]
    public void The_same_seed_gives_the_same_reply_and_another_seed_another()
    {
        string Reply(string seed) => Generate("--prompt", "Ann asks", "--temperature", "1", "--max_new_tokens", "12", "--seed", seed).Worked().Output;
        Assert.Equal(Reply("5"), Reply("5"));
        Assert.NotEqual(Reply("5"), Reply("6"));
    }

    [Fact]
    public void A_reply_can_be_cut_at_a_text()
    {
        string whole = Generate("--prompt", "Ann asks", "--max_new_tokens", "12", "--temperature", "0").Worked().Output.TrimEnd();
        string stop = whole[^2..];
        string cut = Generate("--prompt", "Ann asks", "--max_new_tokens", "12", "--temperature", "0", "--stop", stop).Worked().Output.TrimEnd();
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)].TrimEnd(), cut);
    }

    [Fact]
    public void The_prompt_may_come_from_standard_input() =>
        Assert.Equal(Generate("--prompt", "Ann asks", "--max_new_tokens", "4").Worked().Output, CliRun.With("Ann asks\n", [.. Args("--max_new_tokens", "4")]).Worked().Output);

    [Fact]
    public void With_json_there_is_one_object_and_several_replies_stand_in_it()
    {
        JsonElement json = Generate("--json", "--prompt", "Ann asks", "--max_new_tokens", "4", "--temperature", "1", "--n", "3").Worked().Json;
        Assert.Equal(3, json.GetProperty("completions").GetArrayLength());
        JsonElement first = json.GetProperty("completions")[0];
        Assert.Equal((4, "max_new_tokens"), (first.GetProperty("tokens").GetInt32(), first.GetProperty("reason").GetString()));
        Assert.True(first.GetProperty("log_prob").GetDouble() < 0);
    }

    [Fact]
    public void Beams_give_as_many_replies_as_are_asked_for()
    {
        JsonElement json = Generate("--json", "--prompt", "Ann asks", "--max_new_tokens", "4", "--num_beams", "3", "--n", "2").Worked().Json;
        Assert.Equal(2, json.GetProperty("completions").GetArrayLength());
    }

    [Fact]
    public void A_file_of_prompts_becomes_a_file_of_rows()
    {
        string output = _folder.PathOf("replies.jsonl");
        CliRun run = Generate("--data", _folder.PathOf("train.jsonl"), "--output", output, "--max_new_tokens", "3", "--json").Worked();
        JsonElement[] rows = [.. File.ReadLines(output).Select(line => JsonElement.Parse(line))];
        Assert.Equal((24, 24), (rows.Length, run.Json.GetProperty("replies").GetInt32()));
        Assert.Equal("row-7", rows[7].GetProperty("id").GetString());
        Assert.StartsWith("Bob asks", rows[7].GetProperty("prompt").GetString());
        // One at a time it says the same.
        string alone = Generate("--prompt", rows[7].GetProperty("prompt").GetString()!, "--max_new_tokens", "3").Worked().Output;
        Assert.Equal(rows[7].GetProperty("completion").GetString() + Environment.NewLine, alone);
    }

    [Fact]
    public void A_prompt_longer_than_the_context_is_cut_and_said_and_strictly_an_error()
    {
        string prompt = string.Join(' ', Enumerable.Repeat("order", 400));
        CliRun run = Generate("--prompt", prompt, "--max_new_tokens", "3").Worked();
        Assert.Matches(@"warning: The prompt has \d+ tokens; the model's context of 160 leaves room for 157 beside the reply\. Its beginning was cut\.", run.Error);
        CliRun strict = Generate("--prompt", prompt, "--max_new_tokens", "3", "--strict");
        Assert.Contains("leave out --strict to cut its beginning", strict.Error);
        Assert.Equal(1, strict.Code);
    }

    [Theory]
    [InlineData("--num_beams 2 --temperature 1", "leave one of them out")]
    [InlineData("--n 3", "need --temperature above 0")]
    [InlineData("--num_beams 2 --stop x", "--stop does not go with --num_beams")]
    public void Wishes_that_contradict_each_other_are_refused(string flags, string message)
    {
        CliRun run = Generate(["--prompt", "Ann", .. flags.Split(' ')]);
        Assert.Contains(message, run.Error);
        Assert.Equal(2, run.Code);
    }

    private CliRun Generate(params string[] args) => CliRun.Of([.. Args(args)]);

    private IEnumerable<string> Args(params string[] args) => ["generate", "--model", _folder.PathOf("model"), .. args];
}
