using Leftover.Runs;

namespace Leftover.Tests.Runs;

public class RecipeFlagsTests
{
    [Fact]
    public void Every_flag_sets_a_key_that_recipes_have()
    {
        HashSet<string> keys = [.. ConfigSchema.AllKeys(typeof(Recipe))];
        foreach (RecipeFlag flag in RecipeFlags.All)
        {
            string key = flag.Key.Replace(".*", "", StringComparison.Ordinal);
            bool isKnown = keys.Contains(key)
                || key.StartsWith("algorithm", StringComparison.Ordinal)      // each algorithm has its own keys
                || key.StartsWith("data.columns.", StringComparison.Ordinal)
                || key is "rewards.weight" or "rewards.normalizer";
            Assert.True(isKnown, $"--{flag.Name} sets {flag.Key}");
        }
    }

    [Theory]
    [InlineData("--learning_rate", "training.learning_rate")]
    [InlineData("--learning-rate", "training.learning_rate")]
    [InlineData("batch-size", "training.batch_size")]
    [InlineData("--iters", "training.steps")]
    [InlineData("--cutoff_len", "truncation.max_tokens")]
    public void Dash_and_underscore_and_other_tools_spellings_are_one(string flag, string key) =>
        Assert.Equal(key, RecipeFlags.KeyOf(flag));

    [Fact]
    public void An_unknown_flag_names_the_nearest() =>
        Assert.Contains("did you mean 'learning_rate'?", Assert.Throws<RecipeException>(() => RecipeOverride.OfFlag("--lerning-rate", "1")).Message);

    [Fact]
    public void A_flag_for_what_is_not_here_says_what_to_do_instead()
    {
        Assert.Contains("--lora-r  (flag) cannot be followed: adapters are not in this version", Assert.Throws<RecipeException>(() => RecipeOverride.OfFlag("--lora-r", "8")).Message);
        Assert.All(RecipeFlags.NotHere.Keys.Concat(RecipeFlags.AlwaysOn.Keys), name => Assert.Null(RecipeFlags.Find(name)));
        Assert.Equal("true", RecipeOverride.OfFlag("--resume_from_checkpoint", "auto").Value);
    }

    [Fact]
    public void A_bare_flag_has_its_implied_value()
    {
        Assert.Equal("true", RecipeOverride.OfFlag("--skip_invalid", null).Value);
        Assert.Contains("needs a value", Assert.Throws<RecipeException>(() => RecipeOverride.OfFlag("--seed", null)).Message);
    }

    [Fact]
    public void Bf16_is_a_way_to_say_dtype()
    {
        Assert.Equal(("dtype", "bf16"), (RecipeOverride.OfFlag("--bf16", null).Key, RecipeOverride.OfFlag("--bf16", null).Value));
        Assert.Equal(Dtype.Bf16, RecipeLoader.Parse("", "/recipes", "r.yaml", [RecipeOverride.OfFlag("bf16", null)]).Dtype);
        Assert.Equal(Dtype.Fp32, RecipeLoader.Parse("dtype: bf16", "/recipes", "r.yaml", [RecipeOverride.OfFlag("torch_dtype", "fp32")]).Dtype);
        Assert.Contains("fp32 or bf16; see --dtype", Assert.Throws<RecipeException>(() => RecipeOverride.OfFlag("--fp16", null)).Message);
    }

    [Fact]
    public void Paths_of_flags_start_at_the_working_folder()
    {
        Recipe recipe = RecipeLoader.Parse("", "/recipes", "r.yaml", [RecipeOverride.OfFlag("data", "a.jsonl"), RecipeOverride.OfFlag("output_dir", "out")]);
        Assert.Equal(Path.GetFullPath("a.jsonl"), recipe.Data.Train[0].Path);
        Assert.Equal(Path.GetFullPath("out"), recipe.Output);
        Assert.Equal(Path.GetFullPath("cache"), recipe.Cache);
    }
}
