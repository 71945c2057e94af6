using System.Text.Json;
using Leftover.Models;
using Leftover.Runs;

namespace Leftover.Tests.CommandLine;

public sealed class StageVerbTests : IDisposable
{
    private readonly CliFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reference_needs_no_recipe_and_writes_a_line_a_row()
    {
        string output = _folder.PathOf("out.jsonl");
        CliRun run = CliRun.Of("reference", "--model", _folder.PathOf("model"), "--data", _folder.PathOf("train.jsonl"), "--output", output, "--cache_dir", _folder.PathOf("cache"), "--json").Worked();
        JsonElement[] lines = Lines(output);
        Assert.Equal((24, 24), (lines.Length, run.Json.GetProperty("rows").GetInt32()));
        Assert.All(lines, line =>
        {
            double[] logProbs = [.. line.GetProperty("log_probs").EnumerateArray().Select(value => value.GetDouble())];
            Assert.Equal(line.GetProperty("completion_ids").GetArrayLength(), logProbs.Length);
            Assert.All(logProbs, value => Assert.True(value <= 0));
            Assert.Equal(logProbs.Sum(), line.GetProperty("log_prob").GetDouble(), 4);
        });
        Assert.Equal(("row-3", 4), (lines[3].GetProperty("id").GetString(), lines[3].GetProperty("line").GetInt32()));
    }

    [Fact]
    public void Rewarded_rows_are_data_again()
    {
        string output = _folder.PathOf("rated.jsonl"), again = _folder.PathOf("again.jsonl");
        JsonElement first = CliRun.Of("reward", _folder.Recipe, "--output", output, "--json").Worked().Json;
        JsonElement second = CliRun.Of("reward", "--data", output, "--output", again, "--rewards", "[{type: column, column: column}]", "--json").Worked().Json;
        Assert.Equal(first.GetProperty("rows").GetInt32(), second.GetProperty("rows").GetInt32());
        Assert.Equal(first.GetProperty("rewards")[0].GetProperty("figures").ToString(), second.GetProperty("rewards")[0].GetProperty("figures").ToString());
        Assert.True(Lines(output)[0].GetProperty("rewards").TryGetProperty("length", out _));
    }

    [Fact]
    public void Values_are_written_a_line_a_row()
    {
        JsonElement json = CliRun.Of("value", _folder.Recipe, "--json").Worked().Json;
        JsonElement[] lines = Lines(json.GetProperty("output").GetString()!);
        Assert.Equal(_folder.PathOf("runs", "recipe", "values.jsonl"), json.GetProperty("output").GetString());
        Assert.Equal(json.GetProperty("value").GetProperty("mean").GetDouble(), lines.Average(line => line.GetProperty("value").GetDouble()), 9);
    }

    [Fact]
    public void Inspect_shows_what_is_kept_and_the_ends_of_the_table()
    {
        CliRun run = CliRun.Of("inspect", _folder.Recipe, "--label", "a-lol", "--top", "2", "--output", _folder.PathOf("table.csv")).Worked();
        Assert.Contains("rows kept", run.Output);
        Assert.Contains("dropped", run.Output);
        Assert.Contains("Highest advantage", run.Output);
        Assert.Contains("█", run.Output);
        Assert.StartsWith("id,file,line,reward,value,advantage,kept", File.ReadAllText(_folder.PathOf("table.csv")));

        JsonElement json = CliRun.Of("inspect", _folder.Recipe, "--label", "a-lol", "--top", "2", "--json").Worked().Json;
        double[] top = [.. json.GetProperty("top").EnumerateArray().Select(row => row.GetProperty("advantage").GetDouble())];
        double[] bottom = [.. json.GetProperty("bottom").EnumerateArray().Select(row => row.GetProperty("advantage").GetDouble())];
        Assert.True(top[0] >= top[1] && top[1] > bottom[0] && bottom[0] >= bottom[1]);
        Assert.Equal(json.GetProperty("summary").GetProperty("advantage").GetProperty("maximum").GetDouble(), top[0]);
    }

    [Fact]
    public void Inspect_names_the_methods_where_the_label_is_unknown()
    {
        CliRun run = CliRun.Of("inspect", _folder.Recipe, "--label", "alol");
        Assert.Contains("did you mean 'a-lol'?", run.Error);
        Assert.Contains("nll, a-lol", run.Error);
        Assert.Equal(2, run.Code);
    }

    [Fact]
    public void Train_leaves_a_model_for_each_method_that_can_be_loaded()
    {
        JsonElement json = CliRun.Of("train", _folder.Recipe, "--json").Worked().Json;
        foreach (JsonElement method in json.GetProperty("methods").EnumerateArray())
        {
            using LanguageModel model = LanguageModel.Load(method.GetProperty("model").GetString()!);
            Assert.Equal(3, method.GetProperty("steps").GetInt32());
        }
        Assert.Equal(RecipeWriter.ToJsonText(RecipeLoader.Load(_folder.Recipe)), RecipeWriter.ToJsonText(RunFolder.ReadRecipe(json.GetProperty("output").GetString()!)));
    }

    [Fact]
    public void Flags_win_over_the_recipe_and_dotted_keys_over_flags()
    {
        JsonElement json = CliRun.Of("train", _folder.Recipe, "--json", "--max-steps", "4", "--seed", "7", "methods.0.training.steps=2", "--output_dir", _folder.PathOf("elsewhere")).Worked().Json;
        Assert.Equal([2, 4], json.GetProperty("methods").EnumerateArray().Select(method => method.GetProperty("steps").GetInt32()));
        Assert.Equal(_folder.PathOf("elsewhere"), json.GetProperty("output").GetString());
        Assert.Equal(7, RunFolder.ReadRecipe(_folder.PathOf("elsewhere")).Seed);
    }

    [Fact]
    public void With_json_progress_is_on_standard_error_and_quiet_is_silent()
    {
        CliRun told = CliRun.Of("reference", _folder.Recipe, "--json").Worked(), quiet = CliRun.Of("reference", _folder.Recipe, "--json", "--quiet").Worked();
        Assert.Contains("Train: 20 rows", told.Error);
        Assert.Equal("", quiet.Error);
        Assert.Equal(told.Output, quiet.Output);
        Assert.StartsWith("train: 20 completions", CliRun.Of("reference", _folder.Recipe).Worked().Output);
    }

    [Fact]
    public void Prompts_that_are_too_long_are_cut_on_the_stated_side_and_counted()
    {
        JsonElement Cut(string side) => CliRun.Of(
            "reference", _folder.Recipe, "--max-prompt-length", "5", "--truncation_side", side, "--output", _folder.PathOf(side), "--json").Worked().Json;
        Assert.Equal((20, 20), (Cut("left").GetProperty("prompts_cut").GetInt32(), Cut("right").GetProperty("prompts_cut").GetInt32()));
        int[] Ids(string side) => [.. Lines(_folder.PathOf(side))[0].GetProperty("prompt_ids").EnumerateArray().Select(id => id.GetInt32())];
        CliRun.Of("reference", _folder.Recipe, "--output", _folder.PathOf("whole")).Worked();
        Assert.Equal(Ids("whole")[^5..], Ids("left"));
        Assert.Equal(Ids("whole")[..5], Ids("right"));
        Assert.Contains("20 prompts cut on the left", CliRun.Of("reference", _folder.Recipe, "--max-prompt-length", "5").Worked().Output);
    }

    [Fact]
    public void Sft_writes_its_model_into_the_run_folder()
    {
        string target = CliRun.Of("sft", _folder.Recipe, "--json", "sft.steps=2").Worked().Json.GetProperty("model").GetString()!;
        Assert.Equal(_folder.PathOf("runs", "recipe", "sft"), target);
        using LanguageModel before = LanguageModel.Load(_folder.PathOf("model")), after = LanguageModel.Load(target);
        Assert.NotEqual(Models.TinyModels.Logits(before, 5, 6, 7), Models.TinyModels.Logits(after, 5, 6, 7));
    }

    [Fact]
    public void A_run_ends_with_its_results_and_an_earlier_run_can_be_named_by_its_folder()
    {
        JsonElement json = CliRun.Of("run", _folder.Recipe, "--json").Worked().Json;
        Assert.Equal(["reference", "nll", "a-lol"], json.GetProperty("methods").EnumerateArray().Select(method => method.GetProperty("name").GetString()));
        Assert.True(File.Exists(_folder.PathOf("runs", "recipe", "report", "results.json")));

        CliRun report = CliRun.Of("report", _folder.PathOf("runs", "recipe"), "--json").Worked();
        Assert.Equal(_folder.PathOf("runs", "recipe", "report", "results.json"), report.Json.GetProperty("results").GetString());
    }

    [Fact]
    public void A_model_is_evaluated_without_a_recipe()
    {
        JsonElement json = CliRun.Of(
            "evaluate", "--model", _folder.PathOf("model"), "--data", _folder.PathOf("train.jsonl"), "--rewards", "[{type: length, target: 30, width: 20}]",
            "--max_new_tokens", "6", "--output_dir", _folder.PathOf("measured"), "--json").Worked().Json;
        JsonElement only = Assert.Single(json.GetProperty("methods").EnumerateArray());
        Assert.Equal("reference", only.GetProperty("name").GetString());
        Assert.True(only.GetProperty("rewards").TryGetProperty("total", out _));
    }

    private static JsonElement[] Lines(string path) => [.. File.ReadLines(path).Select(line => JsonElement.Parse(line))];
}
