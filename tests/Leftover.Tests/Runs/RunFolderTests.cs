using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Runs;
using Leftover.Tensors.Kernels;

namespace Leftover.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("leftover-run").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private Recipe Recipe(string yaml = "preset: paper\nrewards: [{type: column, name: thumbs, weight: 0.5}]\nmethods: [nll, {name: a-lol, label: mine, training: {steps: 3}}]") =>
        RecipeLoader.Parse(yaml, _root);

    [Fact]
    public void The_folder_tells_what_was_run()
    {
        Recipe recipe = Recipe();
        using (RunFolder folder = RunFolder.Open(recipe, new Dictionary<string, string> { ["train.jsonl"] = "ab12" }))
            Assert.Equal(Path.Combine(_root, "runs", "recipe"), folder.Root);

        JsonNode run = JsonNode.Parse(File.ReadAllText(Path.Combine(recipe.Output, "run.json")))!;
        Assert.Equal((901, "recipe", "ab12"), ((int)run["seed"]!, (string?)run["name"], (string?)run["inputs"]!["train.jsonl"]));
        Assert.Equal(Versions.Leftover, (string?)run["versions"]!["leftover"]);
        Recipe again = RunFolder.ReadRecipe(recipe.Output);
        Assert.Equal(RecipeWriter.ToJsonText(recipe), RecipeWriter.ToJsonText(again));
        Assert.Equal(3, again.Methods[1].Training.Steps);
    }

    [Theory]
    [InlineData("fp32", "fp32")]
    [InlineData("bf16", "bf16 (")]
    [InlineData("auto", "")]
    public void The_folder_tells_what_numbers_were_multiplied(string dtype, string resolved)
    {
        Recipe recipe = Recipe($"dtype: {dtype}\nmethods: [nll]");
        RunFolder.Open(recipe).Dispose();
        JsonNode run = JsonNode.Parse(File.ReadAllText(Path.Combine(recipe.Output, "run.json")))!;
        string assembled = "bf16 (assembled)", elsewhere = "bf16 (rounded operands, fp32 kernels)", found = (string)run["dtype"]!;
        Assert.StartsWith(resolved, found);
        if (dtype == "bf16") Assert.Equal(Instructions.HasBFloat16 ? assembled : elsewhere, found);
        if (dtype == "auto") Assert.Equal(Instructions.HasBFloat16 ? assembled : "fp32", found);
        Assert.Equal(dtype, (string?)run["recipe"]!["dtype"]);
    }

    [Fact]
    public void The_same_recipe_gives_the_same_bytes()
    {
        Recipe recipe = Recipe();
        RunFolder.Open(recipe).Dispose();
        byte[] first = File.ReadAllBytes(Path.Combine(recipe.Output, "run.json"));
        RunFolder.Open(Recipe()).Dispose();
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(recipe.Output, "run.json")));
    }

    [Fact]
    public void A_folder_has_one_run_at_a_time()
    {
        Recipe recipe = Recipe();
        using (RunFolder.Open(recipe)) Assert.Throws<IOException>(() => RunFolder.Open(recipe));
        RunFolder.Open(recipe).Dispose();
    }

    [Fact]
    public void A_folder_without_a_run_is_named()
    {
        Assert.Contains("run.json does not exist; the description of a run was to be read from it", Assert.Throws<DataException>(() => RunFolder.ReadRecipe(_root)).Message);
        File.WriteAllText(Path.Combine(_root, "run.json"), "{}");
        Assert.Contains("has no 'recipe'", Assert.Throws<DataException>(() => RunFolder.ReadRecipe(_root)).Message);
        File.WriteAllText(Path.Combine(_root, "run.json"), "{");
        Assert.Contains("run.json(1) is no JSON", Assert.Throws<DataException>(() => RunFolder.ReadRecipe(_root)).Message);
    }
}
