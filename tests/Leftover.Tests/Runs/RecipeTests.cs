using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Data;
using Leftover.Rewards;
using Leftover.Runs;

namespace Leftover.Tests.Runs;

public class RecipeTests
{
    private static Recipe Parse(string yaml, params string[] overrides) =>
        RecipeLoader.Parse(yaml, "/work folder", "recipe.yaml", [.. overrides.Select(RecipeOverride.Parse)]);

    private static string Problems(string yaml, params string[] overrides) => Assert.Throws<RecipeException>(() => Parse(yaml, overrides)).Message;

    [Fact]
    public void An_empty_recipe_is_the_corrected_preset()
    {
        Recipe recipe = Parse("");
        Assert.Equal(Preset.Corrected, recipe.Preset);
        Assert.Equal("a-lol", Assert.Single(recipe.Methods).Algorithm["name"]);
        Assert.Equal(512, recipe.Truncation.MaxPromptTokens);
        Assert.Equal(AccumulationReduction.Mean, recipe.Training.AccumulationReduction);
        Assert.Equal(RecipeWriter.ToYaml(new TrainingOptions()), RecipeWriter.ToYaml(recipe.Training));
    }

    [Fact]
    public void The_paper_preset_holds_the_authors_settings_under_what_the_recipe_says()
    {
        Recipe recipe = Parse("preset: paper\ntraining: {learning_rate: 1e-6}");
        Assert.Equal(901, recipe.Seed);
        Assert.Equal(9000, recipe.Training.Steps);
        Assert.Equal(0.3, recipe.Training.MaxGradNorm);
        Assert.Equal(1e-6, recipe.Training.LearningRate);
        Assert.Equal(0.1, recipe.Value.Dropout);
        Assert.Equal(1e-6, Assert.Single(recipe.Methods).Training.LearningRate);
    }

    [Fact]
    public void Short_forms_stand_for_records()
    {
        Recipe recipe = Parse("model: gpt2\nalgorithm: nll\ndata: {train: a.jsonl, validation: [b.csv, {path: c.tsv, prompt_column: q}]}");
        Assert.Equal("/work folder/gpt2", recipe.Model.Path);
        Assert.Equal("nll", Assert.Single(recipe.Methods).Algorithm["name"]);
        Assert.Equal("/work folder/a.jsonl", Assert.Single(recipe.Data.Train).Path);
        Assert.Equal("q", recipe.Data.Validation[1].Columns["prompt"]);
        Assert.Equal("/work folder/runs/recipe", recipe.Output);
        Assert.Equal("/work folder/runs/cache", recipe.Cache);
    }

    [Fact]
    public void The_paper_preset_counts_the_tokens_that_pros_released_code_counts()
    {
        Assert.Equal(new Pro { LogEpsilon = 1e-10f, ReleasedMask = true }, Parse("preset: paper\nalgorithm: pro").Methods[0].Algorithm.Bind<Algorithm>());
        Assert.Equal(new Pro { LogEpsilon = 1e-10f, Candidates = 2, Prefer = AnswerOrder.Data }, Parse("preset: paper\nmethods: [nll, {name: pro, candidates: 2, prefer: data, released_mask: false}]").Methods[1].Algorithm.Bind<Algorithm>());
        Assert.Equal(new Pro(), Parse("algorithm: pro").Methods[0].Algorithm.Bind<Algorithm>());
    }

    [Fact]
    public void Losses_of_pairs_are_one_or_several()
    {
        Dpo Read(string yaml, params string[] overrides) => Assert.IsType<Dpo>(Parse(yaml, overrides).Methods[0].Algorithm.Bind<Algorithm>());
        Assert.Equal([DpoLoss.Sigmoid], Read("algorithm: dpo").LossType);
        Assert.Equal([DpoLoss.AotUnpaired], Read("algorithm: {name: dpo, loss_type: aot-unpaired}").LossType);
        Dpo mixed = Read("algorithm: dpo", "algorithm.loss_type=[sigmoid, bco_pair, sft]", "algorithm.loss_weights=[0.8, 0.2, 1]", "algorithm.use_weighting=true");
        Assert.Equal([DpoLoss.Sigmoid, DpoLoss.BcoPair, DpoLoss.Sft], mixed.LossType);
        Assert.Equal([0.8f, 0.2f, 1], mixed.LossWeights);
        Assert.True(mixed.UseWeighting);
        Assert.Equal("algorithm.loss_weights", RecipeFlags.KeyOf("--loss-weights"));
        Assert.Equal("true", RecipeOverride.OfFlag("--use_weighting", null).Value);
    }

    [Fact]
    public void The_command_line_wins_over_the_recipe()
    {
        Recipe recipe = Parse("training: {steps: 5}\nrewards: [distinct, {type: column, column: upvotes, weight: 3}]", "training.steps=9e3", "algorithm.clip_range=0.1", "data.train=[/a.jsonl, /b.jsonl]", "rewards.*.weight=1, 0.5");
        Assert.Equal(9000, recipe.Training.Steps);
        Assert.Equal(new ALoL { ClipRange = 0.1f }, recipe.Methods[0].Algorithm.Bind<Algorithm>());
        Assert.Equal(["/a.jsonl", "/b.jsonl"], recipe.Data.Train.Select(s => s.Path));
        Assert.Equal([1, 0.5], recipe.Rewards.Select(r => r.Weight));
        Assert.Equal("distinct", recipe.Rewards[0].Reward["type"]);
        Assert.Equal("upvotes", Assert.IsType<ColumnReward>(recipe.Rewards[1].Reward.Bind<RewardSource>()).Column);
    }

    [Fact]
    public void A_method_trains_as_the_recipe_says_but_for_its_own_settings()
    {
        Recipe recipe = Parse("training: {steps: 5, beta1: 0.8}\nmethods: [nll, {name: wbc, label: weighted, training: {steps: 7}}]");
        Assert.Equal([5, 7], recipe.Methods.Select(m => m.Training.Steps!.Value));
        Assert.All(recipe.Methods, m => Assert.Equal(0.8, m.Training.Beta1));
        Assert.Equal("weighted", recipe.Methods[1].Label);
    }

    [Fact]
    public void All_problems_are_shown_at_once_with_their_lines()
    {
        string message = Problems("trainning:\n  steps: 3\ntraining:\n  steps: 0\n  stepps: 4\n  sampling: goood_random\nseed: many\n");
        Assert.StartsWith("recipe.yaml has 5 problems:\n", message);
        Assert.Contains("trainning", message);
        Assert.Contains("(line 1) is unknown; did you mean 'training'?", message);
        Assert.Contains("(line 4) is 0; it must be at least 1.", message);
        Assert.Contains("(line 5) is unknown; did you mean 'steps'?", message);
        Assert.Contains("(line 6) is 'goood_random', which is unknown; did you mean 'good_random'? Known: uniform, good_random, good_priority, all_priority.", message);
        Assert.Contains("(line 7) is 'many'; it must be a whole number.", message);
    }

    [Theory]
    [InlineData("learning_rate: 1e-4", "is unknown here; did you mean 'training.learning_rate'?")]
    [InlineData("per_device_train_batch_size: 4", "is unknown here; did you mean 'training.batch_size'?")]
    [InlineData("training: {max_prompt_tokens: 4}", "is unknown here; did you mean 'truncation.max_prompt_tokens'?")]
    [InlineData("training: {learning_rate: .nan}", "is '.nan'; it must be a finite number.")]
    [InlineData("training: {learning_rate: NaN}", "is 'NaN'; it must be a finite number.")]
    [InlineData("training: {learning_rate: 0}", "is 0; it must lie in (0, 1000].")]
    [InlineData("value: {dropout: 1}", "is 1; it must lie in [0, 1).")]
    [InlineData("training: 5", "is '5'; it must be a group of keys: steps, epochs,")]
    [InlineData("training: {steps: [1]}", "is a list; it must be a whole number.")]
    [InlineData("training: {batch_size: }", "is empty; give it a value or leave the key out.")]
    [InlineData("data: {train: [{format: csv}]}", "is missing.")]
    [InlineData("data: {hold_out: {modulo: 5, equals: 5}}", "a remainder modulo 5 lies in [0, 4]")]
    [InlineData("algorithm: nll\nmethods: [nll]", "stands beside 'methods'")]
    [InlineData("methods: [nll, nll]", "name 'nll' 2 times; give each its own 'label'.")]
    [InlineData("methods: [{beta: 1}]", "does not say its 'name'.")]
    [InlineData("data: {columns: {promt: q}}", "data.columns.promt  (recipe) is no column that is read; did you mean 'prompt'?")]
    [InlineData("data: {train: {path: a.csv, promt_column: q}}", "data.train[0].columns.promt")]
    [InlineData("rewards: [{type: lexicon}]", "rewards[0].file  (line 1) is missing.")]
    [InlineData("rewards: [{type: colum}]", "'colum' is unknown; did you mean 'column'?")]
    [InlineData("rewards: [{type: column, column: ''}]", "column is empty; it must name a reward column of the data.")]
    [InlineData("rewards: [{type: column, normalizer: zscores}]", "did you mean 'z_score'?")]
    [InlineData("rewards: [column, column]", "name 'column' 2 times; give each its own 'name'.")]
    [InlineData("algorithm: a-loll", "(line 1) 'a-loll' is unknown; did you mean 'a-lol'? Known: nll, ")]
    [InlineData("algorithm: {name: a-lol, clip_rnge: 1}", "is unknown; did you mean 'clip_range'?")]
    [InlineData("algorithm: {name: a-lol, clip_range: -1}", "is -1; it must lie in [0, ")]
    [InlineData("algorithm: {name: dpo, loss_type: sigmod}", "did you mean 'sigmoid'?")]
    [InlineData("algorithm: {name: dpo, loss_type: []}", "loss_type is empty; name at least one loss")]
    [InlineData("algorithm: {name: dpo, loss_type: [sigmoid, sft], loss_weights: [1]}", "loss_weights has 1 numbers for 2 losses of loss_type")]
    [InlineData("algorithm: {name: dpo, loss_type: [sigmoid, sft], loss_weights: [1, -1]}", "loss_weights are [1, -1]; each must be at least 0")]
    [InlineData("algorithm: {name: dpo, loss_type: aot, use_weighting: true}", "use_weighting weighs each pair, and aot compares the sorted answers of all pairs")]
    [InlineData("algorithm: {name: dpo, loss_type: [sft, aot_unpaired]}\ntraining: {gradient_accumulation: 4, batch_size: 2}", "is 4, and dpo with this loss_type compares all answers of a step with each other: set it to 1 and batch_size to 8.")]
    [InlineData("algorithm: {name: kto, loss_type: apo_zero_unpared}", "did you mean 'apo_zero_unpaired'?")]
    [InlineData("a: [", "is no YAML")]
    [InlineData("- a", "is a list; a recipe is keys with values")]
    public void A_wrong_value_is_named_with_what_is_needed(string yaml, string expected) => Assert.Contains(expected, Problems(yaml));

    [Theory]
    [InlineData("rewards.*.weight=1", "needs a list of rewards in the recipe")]
    [InlineData("methods.3.label=x", "asks for item 3 of a list of 0")]
    [InlineData("seed.x=1", "has no keys")]
    [InlineData("training.stps=1", "did you mean 'steps'?")]
    public void A_wrong_override_is_named_as_it_was_written(string change, string expected)
    {
        string message = Problems("seed: 1", change);
        Assert.Contains(expected, message);
        Assert.Contains($"({change})", message);
    }

    [Fact]
    public void A_recipe_written_out_reads_back_the_same()
    {
        Recipe recipe = Parse("""
            preset: paper
            template: "no"
            model: {config: {n_layer: 2, act: gelu, scale: 0.1, tied: true, name: "12"}}
            data: {train: [{path: a.jsonl, lines: {exclude: [1, 2]}}], columns: {prompt: "a: b"}, hold_out: {equals: 4}}
            rewards: [{type: column, name: thumbs, column: "up, down", normalizer: z_score}, {type: lexicon, file: words.txt}]
            methods: [nll, {name: a-lol, clip_range: null}, {name: a-lol, label: clipped}]
            generation: {stop: ["\n\n", "###", "true"]}
            """);
        string yaml = RecipeWriter.ToYaml(recipe);
        Recipe again = RecipeLoader.Parse(yaml, "/elsewhere");
        Assert.Equal(yaml, RecipeWriter.ToYaml(again));
        Assert.Equal(RecipeWriter.ToJsonText(recipe), RecipeWriter.ToJsonText(again));
        Assert.Equal("no", again.Template);
        Assert.Equal([new ALoL { ClipRange = null }, new ALoL { ClipRange = 0.9f }], again.Methods.Skip(1).Select(m => m.Algorithm.Bind<Algorithm>()));
        Assert.Equal(["\n\n", "###", "true"], again.Generation.Stop);
        Assert.Equal("12", (string?)again.Model.Config!["name"]);
        Assert.Equal(RecipeWriter.ToJsonText(recipe), RecipeWriter.ToJsonText(RecipeLoader.Parse(RecipeWriter.ToJsonText(recipe), "/elsewhere")));
    }

    [Fact]
    public void A_missing_recipe_names_one_that_is_near()
    {
        string folder = Directory.CreateTempSubdirectory("leftover").FullName;
        File.WriteAllText(Path.Combine(folder, "recipe.yaml"), "seed: 3");
        Assert.Equal(3, RecipeLoader.Load(Path.Combine(folder, "recipe.yaml")).Seed);
        string message = Assert.Throws<DataException>(() => RecipeLoader.Load(Path.Combine(folder, "recepi.yaml"))).Message;
        Assert.Contains("Did you mean", message);
        Assert.Contains("recipe.yaml", message);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_reward_can_be_bounded_or_held_out()
    {
        Recipe recipe = Parse("rewards: [{type: column, column: upvotes, lower: -5, upper: 100, normalizer: rank}, {type: distinct, hold_out: true}]");
        Assert.Equal((-5.0, 100.0, false), (recipe.Rewards[0].Lower, recipe.Rewards[0].Upper, recipe.Rewards[0].HoldOut));
        Assert.True(recipe.Rewards[1].HoldOut);
        Assert.Contains("lower is 3 and upper 2", Problems("rewards: [{type: distinct, lower: 3, upper: 2}]"));
        Assert.Contains("nothing is left to train on", Problems("rewards: [{type: distinct, hold_out: true}]"));
        Assert.Contains("do not go with it", Problems("rewards: [repetition, {type: distinct, hold_out: true, weight: 2}]"));
        Assert.Contains("a column of the data cannot", Problems("rewards: [repetition, {type: column, column: upvotes, hold_out: true}]"));
    }
}
