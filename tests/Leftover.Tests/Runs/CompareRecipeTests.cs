using System.IO.Compression;
using Leftover.Data;
using Leftover.Runs;
using Leftover.Tests.Docs;

namespace Leftover.Tests.Runs;

public sealed class CompareRecipeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leftover-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_budget_is_counted_in_one_thing_and_seeds_and_shares_are_checked_all_at_once()
    {
        RecipeException e = Assert.Throws<RecipeException>(() => RecipeLoader.Parse("compare: {seeds: [1, 1], noise: [0.5, 1.5], budget: {tokens: 100, steps: 5}}", _folder));
        Assert.Equal(["compare.budget", "compare.noise", "compare.seeds"], e.Problems.Select(problem => problem.Key).Order());
        Assert.Contains("tokens and steps", e.Message, StringComparison.Ordinal);
        Assert.Contains("at least one seed", Assert.Throws<RecipeException>(() => RecipeLoader.Parse("compare: {seeds: []}", _folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_and_a_normaliser_do_not_go_together()
    {
        const string rewards = "rewards: [{type: length, max: 20, width: 10, normalizer: z_score}]";
        RecipeException e = Assert.Throws<RecipeException>(() => RecipeLoader.Parse(rewards + "\ncompare: {noise: [0.5]}", _folder));
        Assert.Equal("compare.noise", e.Problems.Single().Key);
        Assert.Equal(3, RecipeLoader.Parse(rewards, _folder).Compare.Seeds.Count);
    }

    [Fact]
    public void A_comparison_is_written_out_and_read_back()
    {
        Recipe recipe = RecipeLoader.Parse("compare: {seeds: [3, 5], noise: 0.25, budget: {minutes: 2.5}, validations: 0, keep_models: true}", _folder);
        ComparisonOptions again = RecipeLoader.Parse(recipe.ToYaml(), _folder).Compare;
        Assert.Equal(([3L, 5L], [0.25], 2.5, 0, true), (again.Seeds, again.Noise, again.Budget.Minutes, again.Validations, again.KeepModels), new Same());
    }

    [Fact]
    public void The_help_desk_s_recipes_name_every_method_and_their_log_is_what_the_invented_help_desk_writes()
    {
        string recipes = Path.Combine(DocumentPage.Repository, "recipes");
        Recipe recipe = RecipeLoader.Load(Path.Combine(recipes, "compare-help-desk.yaml")), noisy = RecipeLoader.Load(Path.Combine(recipes, "compare-help-desk-noise.yaml"));
        string[] wanted = ["nll", "wbc", "r-gold", "r-lol", "a-lol", "a-lol-ref-free", "a-lol-seq", "a-lol-kl", "dpo", "kto", "pro", "ppo", "rloo", "grpo"];
        Assert.Equal(wanted, recipe.Methods.Select(method => method.Algorithm["name"]));
        Assert.Equal(wanted, noisy.Methods.Select(method => method.Algorithm["name"]));
        Assert.Equal(5, recipe.Compare.Seeds.Count);
        Assert.Equal([0.25, 0.5], noisy.Compare.Noise);

        new HelpDeskLog { TrainPrompts = 1700, RepliesPerPrompt = 3 }.Write(_folder, seed: 1);
        foreach (string set in new[] { "train", "validation", "held-out" })
        {
            using var stream = new GZipStream(File.OpenRead(Path.Combine(recipes, "help-desk", $"{set}.jsonl.gz")), CompressionMode.Decompress);
            Assert.Equal(File.ReadAllText(Path.Combine(_folder, $"{set}.jsonl")), new StreamReader(stream).ReadToEnd());
        }
        Assert.Equal(File.ReadAllText(Path.Combine(DocumentPage.Repository, "src", "Leftover.Cli", "Quickstart", "politeness.tsv")), File.ReadAllText(Path.Combine(recipes, "help-desk", "politeness.tsv")));
    }

    /// <summary>Lists by their items.</summary>
    private sealed class Same : IEqualityComparer<(IReadOnlyList<long> Seeds, IReadOnlyList<double> Noise, double? Minutes, int Validations, bool Keep)>
    {
        public bool Equals((IReadOnlyList<long> Seeds, IReadOnlyList<double> Noise, double? Minutes, int Validations, bool Keep) a, (IReadOnlyList<long> Seeds, IReadOnlyList<double> Noise, double? Minutes, int Validations, bool Keep) b) =>
            a.Seeds.SequenceEqual(b.Seeds) && a.Noise.SequenceEqual(b.Noise) && (a.Minutes, a.Validations, a.Keep) == (b.Minutes, b.Validations, b.Keep);

        public int GetHashCode((IReadOnlyList<long> Seeds, IReadOnlyList<double> Noise, double? Minutes, int Validations, bool Keep) value) => value.Validations;
    }
}
