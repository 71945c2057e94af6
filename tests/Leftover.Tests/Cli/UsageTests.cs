namespace Leftover.Tests.CommandLine;

public sealed class UsageTests
{
    [Theory]
    [InlineData("trian", "The verb 'trian' is unknown; did you mean 'train'?")]
    [InlineData("frobnicate", "The verb 'frobnicate' is unknown. Verbs: run, compare, quickstart, sft,")]
    [InlineData("--jsn", "The flag '--jsn' is unknown; did you mean '--json'?")]
    [InlineData("train r.yaml --lerning-rate 1", "The flag '--lerning-rate' is unknown; did you mean '--learning_rate'?")]
    [InlineData("train r.yaml --frobnicate", "The flag '--frobnicate' is unknown.")]
    [InlineData("generate --tempratur 0", "The flag '--tempratur' is unknown; did you mean '--temperature'?")]
    [InlineData("generate --temperature hot", "--temperature is 'hot'; it must be a number of at least 0.")]
    [InlineData("generate --top_p 2", "--top_p is '2'; it must be a number from 0 to 1.")]
    [InlineData("generate --max_new_tokens 0", "--max_new_tokens is '0'; it must be a whole number of at least 1.")]
    [InlineData("generate --model", "Required argument missing for option: '--model'.")]
    [InlineData("generate --prompt hi", "No model is named; give --model PATH")]
    [InlineData("generate --prompt hi --data f.jsonl --model m", "--prompt and --data are both given; give one.")]
    [InlineData("generate --prompt hi --output o.jsonl --model m", "--output goes with --data")]
    [InlineData("doctor now", "'now' is one argument too many.")]
    [InlineData("run", "There is no data; name a recipe, or --data FILE.")]
    [InlineData("run a.yaml b.yaml", "'b.yaml' is one recipe too many, beside 'a.yaml'.")]
    [InlineData("run --data d.jsonl --max_steps 0", "training.steps  (--max_steps) is 0; it must be at least 1")]
    [InlineData("run --data d.jsonl training.stps=1", "training.stps  (training.stps=1) is unknown; did you mean 'steps'?")]
    [InlineData("run --data d.jsonl --method alol-kl", "did you mean 'a-lol-kl'?")]
    [InlineData("run --data d.jsonl --packing false", "--packing cannot be switched off: batches are always packed")]
    [InlineData("run --data d.jsonl --dtype bf17", "dtype  (--dtype) is 'bf17', which is unknown; did you mean 'bf16'? Known: auto, fp32, bf16.")]
    [InlineData("run --data d.jsonl --bf16 --dtype fp32", "--dtype (fp32) and --bf16 (bf16) contradict each other: both set dtype.")]
    [InlineData("run --data d.jsonl --threads 0", "--threads is '0'; it must be a whole number from 1 to 4096.")]
    [InlineData("doctor --threads -2", "--threads is '-2'; it must be a whole number from 1 to 4096.")]
    [InlineData("run --data d.jsonl threads=0", "threads  (threads=0) is 0; it must lie in [1, 4096]")]
    [InlineData("run --data d.jsonl --batch_tokens 3", "training.batch_tokens  (--batch_tokens) is 3; it must be at least 16")]
    [InlineData("run --data d.jsonl training.gradient_checkpointing=sometimes", "is 'sometimes', which is unknown. Known: auto, true, false.")]
    [InlineData("inspect --sort colour --data d.jsonl", "colour")]
    public void A_wrong_command_line_says_what_is_wrong_and_ends_with_2(string line, string message)
    {
        CliRun run = CliRun.Of(line.Split(' '));
        Assert.Contains(message, run.Error);
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains("--help`", run.Error);
        Assert.Equal((2, ""), (run.Code, run.Output));
    }

    [Fact]
    public void Without_a_verb_there_is_help_and_the_code_of_a_wrong_command_line()
    {
        CliRun run = CliRun.Of();
        Assert.Contains("leftover [command] [options]", run.Output);
        Assert.Equal(2, run.Code);
    }

    [Theory]
    [InlineData("--max-new-tokens")]
    [InlineData("--max_new_tokens")]
    [InlineData("--max-tokens")]
    public void Dash_and_underscore_are_one_in_flags_but_not_in_values(string flag)
    {
        CliRun run = CliRun.Of("generate", "--model", "no-such_model", "--prompt", "max-new-tokens", flag, "3");
        Assert.Contains("no-such_model: there is no such folder or file", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public void With_json_an_error_is_an_object_on_standard_output_too()
    {
        CliRun run = CliRun.Of("generate", "--json", "--model", "nowhere", "--prompt", "x");
        Assert.StartsWith("nowhere: there is no such folder or file", run.Json.GetProperty("error").GetString());
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public void The_stack_is_shown_with_debug_alone()
    {
        Assert.DoesNotContain("   at ", CliRun.Of("generate", "--model", "nowhere", "--prompt", "x").Error);
        Assert.Contains("   at ", CliRun.Of("generate", "--model", "nowhere", "--prompt", "x", "--debug").Error);
    }

    [Fact]
    public void An_argument_that_begins_with_an_at_sign_is_no_response_file() =>
        Assert.Contains("no such folder", CliRun.Of("generate", "--model", "nowhere", "--prompt", "@ann").Error);
}
