using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Leftover.Models;
using Leftover.Tokenization;

namespace Leftover.Tests.CommandLine;

/// <summary>A folder with all that a small run needs: a tiny model, rated rows, a recipe, and the output of an earlier run.</summary>
internal sealed class CliFolder : IDisposable
{
    private static readonly string[] s_names = ["Ann", "Bob", "Cid", "Dee", "Eva", "Fay"];

    public CliFolder(bool withModel = true)
    {
        if (withModel) SaveModel("model");
        File.WriteAllLines(PathOf("train.jsonl"), Enumerable.Range(0, 24).Select(Row));
        WriteRecipe();
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("leftover-cli-").FullName;

    public string Recipe => PathOf("recipe.yaml");

    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A rated row: even ones are good, odd ones are not.</summary>
    public static string Row(int i) => new JsonObject
    {
        ["id"] = $"row-{i}",
        ["prompt"] = $"{s_names[i / 4]} asks where order {100 + i / 2} is.",
        ["completion"] = i % 2 == 0 ? $"Thanks {s_names[i / 4]}, it is on its way to you." : "No idea.",
        ["reward"] = i % 2 == 0 ? 0.9 - i * 0.01 : 0.1 + i * 0.01,
        ["source"] = i < 12 ? "web" : "mail",
    }.ToJsonString();

    /// <summary>The recipe, with other lines in place of or after its own.</summary>
    public void WriteRecipe(string algorithm = "methods: [nll, a-lol]", string rewards = "rewards: [{type: column, column: reward}, {type: length, target: 7, width: 6, weight: 0}]", string more = "") =>
        File.WriteAllText(Recipe, $$"""
            model: model
            data: { train: train.jsonl, hold_out: {modulo: 4, by: prompt} }
            {{rewards}}
            value: {kind: leave_one_out}
            {{algorithm}}
            training: {steps: 3, batch_size: 4, learning_rate: 1.0e-3}
            generation: {max_new_tokens: 8}
            {{more}}
            """);

    /// <summary>Saves a tiny Llama with a tokenizer of the rows' own letters and chat turns.</summary>
    public void SaveModel(string name, int vocabulary = 300, Action<LanguageModel>? change = null)
    {
        Tokenizer tokenizer = new ByteLevelBpeTrainer { VocabularySize = vocabulary, SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], EndOfSequence = "<|im_end|>" }
            .Train(Enumerable.Range(0, 24).Select(Row));
        using LanguageModel model = LanguageModel.Create(Models.TinyModels.LlamaConfig with { VocabularySize = tokenizer.VocabularySize, ContextLength = 160 }, seed: 3);
        change?.Invoke(model);
        ModelFolder.Save(model, PathOf(name), tokenizer);
    }

    /// <summary>What an earlier run left in the output folder.</summary>
    public void LeaveEarlierRun()
    {
        Directory.CreateDirectory(PathOf("runs", "recipe", "report"));
        File.WriteAllText(PathOf("runs", "recipe", "run.json"), "{\"earlier\": true}");
        File.WriteAllText(PathOf("runs", "recipe", "report", "results.json"), "{\"earlier\": true}");
    }

    /// <summary>Each file and a hash of its bytes.</summary>
    public IReadOnlyDictionary<string, string> Snapshot() =>
        Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).ToDictionary(path => path, path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));

    /// <summary>Nothing that was there has changed or gone.</summary>
    public void AssertUntouched(IReadOnlyDictionary<string, string> before)
    {
        IReadOnlyDictionary<string, string> now = Snapshot();
        foreach ((string path, string hash) in before) Assert.Equal((path, hash), (path, now.GetValueOrDefault(path)));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
