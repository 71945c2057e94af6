using System.Text;
using System.Text.Json.Nodes;
using Leftover.Runs;

namespace Leftover.Tests.CommandLine;

/// <summary>Bad input gives one message that names the place, what was found, what was needed and the next step; the exit code 1; and nothing that existed is touched.</summary>
public sealed class BadInputTests
{
    private sealed record Case(Action<CliFolder> Spoil, string[] Args, params string[] Says)
    {
        /// <summary>True where only the training itself can find it, so that the run's folder is in use by then.</summary>
        public bool Begins { get; init; }

        /// <summary>The machine's memory, in bytes; 0 is this machine's.</summary>
        public long Memory { get; init; }
    }

    private static readonly string[] s_train = ["train", "{recipe}"];

    private static readonly Dictionary<string, Case> s_cases = new()
    {
        ["a recipe that is missing"] = new(f => File.Move(f.Recipe, f.PathOf("recipes.yaml")), s_train, "recipe.yaml does not exist; a recipe was to be read from it. Did you mean", "recipes.yaml"),
        ["an empty recipe"] = new(f => File.WriteAllText(f.Recipe, ""), s_train, "names no data", "--data FILE"),
        ["a recipe that is no YAML"] = new(f => File.WriteAllText(f.Recipe, "data: [\n"), s_train, "recipe.yaml"),
        ["an unknown key"] = new(f => f.WriteRecipe(more: "trainin: {steps: 3}"), s_train, "recipe.yaml has 1 problem", "trainin", "did you mean 'training'?"),
        ["an unknown algorithm"] = new(f => f.WriteRecipe("methods: [alol-kl]"), s_train, "recipe.yaml has 1 problem", "'alol-kl' is unknown", "did you mean 'a-lol-kl'?"),
        ["an unknown reward"] = new(f => f.WriteRecipe(rewards: "rewards: [lengths]"), s_train, "'lengths' is unknown", "did you mean 'length'?"),
        ["all problems of a recipe at once"] = new(f => f.WriteRecipe(more: "seeds: 3\nsft: {epochs: -1}"), s_train, "2 problems", "seeds", "sft.epochs"),

        ["data that is missing"] = new(f => File.Delete(f.PathOf("train.jsonl")), s_train, "train.jsonl does not exist", "Its folder holds"),
        ["data that is empty"] = new(f => File.WriteAllText(f.PathOf("train.jsonl"), ""), s_train, "train.jsonl is empty; it must hold at least one row"),
        ["a line that is no JSON"] = Rows("{\"prompt\": \"x\", ", "train.jsonl(25)", "the line is no JSON", "Each line must be one whole JSON object", "--skip-invalid"),
        ["a reward that is missing"] = Rows("{\"prompt\": \"x\", \"completion\": \"y\"}", "train.jsonl(25)", "'reward' is missing"),
        ["a reward that is null"] = Rows("{\"prompt\": \"x\", \"completion\": \"y\", \"reward\": null}", "train.jsonl(25)", "'reward' is"),
        ["a reward that is NaN"] = Rows("{\"prompt\": \"x\", \"completion\": \"y\", \"reward\": NaN}", "train.jsonl(25)", "'reward' is NaN for the completion \"y\"; a reward is a finite number", "leftover reward"),
        ["a reward that is infinite"] = Rows("{\"prompt\": \"x\", \"completion\": \"y\", \"reward\": 1e999}", "train.jsonl(25)", "a reward is a finite number", "--skip-invalid"),
        ["a completion that is empty"] = Rows("{\"prompt\": \"x\", \"completion\": \"\", \"reward\": 1}", "train.jsonl(25)", "completion"),
        ["no reward at all"] = new(f =>
        {
            f.WriteRecipe(rewards: "");
            File.WriteAllText(f.PathOf("train.jsonl"), "{\"prompt\": \"x\", \"completion\": \"y\"}\n{\"prompt\": \"x\", \"completion\": \"z\"}\n{\"prompt\": \"v\", \"completion\": \"z\"}\n");
        }, s_train, "reward"),
        ["prompts that are cut, strictly"] = new(_ => { }, ["train", "{recipe}", "--max_prompt_length", "5", "--strict"], "prompts", "longer than", "leave out --strict"),
        ["equal rewards"] = new(f => f.WriteRecipe("methods: [a-lol]", "rewards: [{type: length, target: 1, width: 1}]"), s_train, "rewards are 0: nothing tells better answers from worse ones"),
        ["no positive advantage"] = new(_ => { }, ["train", "{recipe}", "--advantage_threshold", "5"], "rows has an advantage above 5; the largest is", "--advantage_threshold"),
        ["no held-out rows"] = new(f => File.WriteAllText(f.Recipe, File.ReadAllText(f.Recipe).Replace(", hold_out: {modulo: 4, by: prompt} ", " ", StringComparison.Ordinal)), ["run", "{recipe}"], "no held-out rows", "data.hold_out"),

        ["a model that is missing"] = new(f => Directory.Delete(f.PathOf("model"), recursive: true), s_train, "model"),
        ["a model without weights"] = new(f => File.Delete(f.PathOf("model", "model.safetensors")), s_train, "holds no weights; it must hold model.safetensors"),
        ["an architecture that is unknown"] = Config(config => config["model_type"] = "lama", "has model_type \"lama\", which is not supported; did you mean 'llama'?"),
        ["a tensor that is missing"] = Config(config => config["num_hidden_layers"] = 3, "'model.layers.2.", "is missing; the model needs it with shape"),
        ["a tensor of another shape"] = Config(config => config["intermediate_size"] = 44, "has shape [40, 24]; the config needs [44, 24]"),
        ["safetensors that are cut"] = new(f => Cut(f.PathOf("model", "model.safetensors")), s_train, "model.safetensors"),
        ["a GGUF file that is cut"] = new(f => File.WriteAllBytes(f.PathOf("cut.gguf"), [.. "GGUF"u8, 3, 0, 0, 0, 9]), ["train", "{recipe}", "--model", "{folder}/cut.gguf"], "cut.gguf"),
        ["a tokenizer of another vocabulary"] = new(f => f.SaveModel("other", vocabulary: 320), ["train", "{recipe}", "--tokenizer", "{folder}/other"], "The tokenizer knows 320 tokens and the model 300"),
        ["more tokens than the model's context"] = new(_ => { }, ["train", "{recipe}", "--max_length", "500"], "truncation.max_tokens (--max_length) is 500; the model's context is 160 tokens"),
        ["a training larger than the memory"] = new(_ => { }, s_train, "Needs ", "GiB are free of 0.1", "Lower training.max_batch_tokens to", "take a smaller model (weights, gradients and moments alone need 0.0) or shorter texts", "Nothing was begun") { Memory = 130L << 20 },
        ["a fine-tuning larger than the memory"] = new(f => f.WriteRecipe(more: "sft: {enabled: true, gradient_checkpointing: false}"), ["sft", "{recipe}"], "Lower sft.max_batch_tokens to", "turn on gradient_checkpointing (needs") { Memory = 130L << 20 },
        ["weights that are all 0"] = new(f =>
        {
            f.WriteRecipe(more: "sft: {enabled: true}");
            File.WriteAllLines(f.PathOf("train.jsonl"), Enumerable.Range(0, 24).Select(i => CliFolder.Row(i).Replace("\"source\"", "\"weight\": 0, \"source\"", StringComparison.Ordinal)));
        }, ["sft", "{recipe}"], "rows can be fine-tuned on", "'weight' column"),
        ["tokens a batch beside summed batches"] = new(f => f.WriteRecipe(more: "preset: paper"), ["train", "{recipe}", "--batch_tokens", "512"], "training.batch_tokens", "does not go with accumulation_reduction: sum"),
        ["a loss that is not finite"] = new(f =>
        {
            f.WriteRecipe("methods: [nll]");
            f.SaveModel("model", change: model => model.Weights.Weights[0].Tensor.Data.Fill(float.NaN));
        }, s_train, "Step 1: the loss is NaN; it must be")
        { Begins = true },
        ["an output that is a folder"] = new(f => Directory.CreateDirectory(f.PathOf("out")), ["reward", "{recipe}", "--output", "{folder}/out"], "is a folder; the output is a file"),
        ["an output in no folder"] = new(_ => { }, ["reward", "{recipe}", "--output", "{folder}/no/out.jsonl"], "does not exist. Create it"),
    };

    public static TheoryData<string> Names => new(s_cases.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Bad_input_is_named_and_nothing_is_touched(string name)
    {
        using var folder = new CliFolder();
        Case bad = s_cases[name];
        bad.Spoil(folder);
        if (!bad.Begins) folder.LeaveEarlierRun();
        IReadOnlyDictionary<string, string> before = folder.Snapshot();

        string[] args = [.. bad.Args.Select(arg => arg.Replace("{recipe}", folder.Recipe, StringComparison.Ordinal).Replace("{folder}", folder.Root, StringComparison.Ordinal))];
        CliRun run = bad.Memory > 0 ? CliRun.On(bad.Memory, args) : CliRun.Of(args);

        string error = run.Error[run.Error.IndexOf("error: ", StringComparison.Ordinal)..];
        foreach (string part in bad.Says) Assert.Contains(part, error);
        Assert.DoesNotContain("   at ", error);
        Assert.DoesNotContain("mistake in leftover itself", error);
        Assert.Equal(1, run.Code);
        folder.AssertUntouched(before);
    }

    [Fact]
    public void An_output_folder_in_use_names_who_has_it()
    {
        using var folder = new CliFolder();
        using FolderLock held = FolderLock.Take(folder.PathOf("runs", "recipe"));
        CliRun run = CliRun.Of("train", folder.Recipe);
        Assert.Contains($"in use by another run (process {Environment.ProcessId} on ", run.Error);
        Assert.Contains("give this run a folder of its own", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public void Invalid_rows_can_be_left_out()
    {
        using var folder = new CliFolder();
        File.AppendAllText(folder.PathOf("train.jsonl"), "{\"prompt\": \"x\", \"completion\": \"\", \"reward\": 1}\n");
        Assert.Equal(1, CliRun.Of("reward", folder.Recipe).Code);
        CliRun.Of("reward", folder.Recipe, "--skip-invalid").Worked();
    }

    [Fact]
    public void A_failed_run_leaves_no_empty_folder_behind()
    {
        using var folder = new CliFolder();
        Assert.Equal(1, CliRun.Of("train", folder.Recipe, "--advantage_threshold", "5").Code);
        Assert.False(Directory.Exists(folder.PathOf("runs", "recipe")));
    }

    private static Case Rows(string line, params string[] says) => new(f => File.AppendAllText(f.PathOf("train.jsonl"), line + "\n"), s_train, says);

    private static Case Config(Action<JsonObject> change, params string[] says) => new(f =>
    {
        string path = f.PathOf("model", "config.json");
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        change(config);
        File.WriteAllText(path, config.ToJsonString(), Encoding.UTF8);
    }, s_train, says);

    private static void Cut(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^100]);
    }
}
