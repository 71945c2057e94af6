using System.Text.Json.Nodes;
using Leftover.Models;
using Leftover.Models.Classification;
using Leftover.Models.Encoders;
using Leftover.Tokenization;

namespace Leftover.Tests.RewardModels;

/// <summary>A folder with a tiny encoder and rows whose good answers say thanks: what a reward model's training needs.</summary>
internal sealed class RewardModelFolder : IDisposable
{
    private const int Prompts = 40;

    private static readonly string[] s_names = ["Ann", "Bob", "Cid", "Dee", "Eva", "Fay", "Gus", "Hal"];

    public RewardModelFolder()
    {
        Tokenizer tokenizer = new ByteLevelBpeTrainer { VocabularySize = 340, SpecialTokens = ["<|endoftext|>"], EndOfSequence = "<|endoftext|>" }
            .Train(Enumerable.Range(0, Prompts).SelectMany(i => new[] { Prompt(i), Good(i), Bad(i) }));
        using Encoder model = Encoder.Create((JsonObject)JsonNode.Parse($$"""
            {
              "model_type": "bert", "vocab_size": {{tokenizer.VocabularySize}}, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
              "num_attention_heads": 2, "max_position_embeddings": 64, "type_vocab_size": 2, "initializer_range": 0.3
            }
            """)!, seed: 4);
        ModelFolder.Save(model, PathOf("model"), tokenizer);
        Write("pairs.jsonl", i => new JsonObject { ["prompt"] = Prompt(i), ["chosen"] = Good(i), ["rejected"] = Bad(i) });
        Write("labels.jsonl", i => new JsonObject { ["text"] = i % 2 == 0 ? Good(i) : Bad(i), ["label"] = i % 2 == 0 ? "polite" : "curt" });
        Write("scores.jsonl", i => new JsonObject { ["prompt"] = Prompt(i), ["completion"] = i % 2 == 0 ? Good(i) : Bad(i), ["reward"] = i % 2 == 0 ? 130 : 110 });
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("leftover-reward-model-").FullName;

    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Flags of a training that learns the rule.</summary>
    public string[] Flags(string data, string output = "out", int steps = 60) =>
    [
        "reward-model", "--model", PathOf("model"), "--data", PathOf(data), "--output", PathOf(output), "--cache_dir", PathOf("cache"), "--max_length", "48", "--truncation_side", "left",
        "--learning_rate", "1e-2", "--batch_size", "8", "--max_steps", $"{steps}", "reward_model.pooling=mean", "--json",
    ];

    /// <summary>Saves the encoder under a new classification head.</summary>
    public string SaveClassifier(string name, params string[] labels)
    {
        using SequenceClassifier model = SequenceClassifier.LoadForTraining(PathOf("model"), labels.Length, Pooling.Mean, seed: 2);
        model.ConfigJson = ClassifierFolder.ConfigJson(model, labels, isRegression: false);
        ModelFolder.Save(model, PathOf(name), Tokenizer.Load(PathOf("model")));
        return PathOf(name);
    }

    public void Write(string name, Func<int, JsonObject> row) => File.WriteAllLines(PathOf(name), Enumerable.Range(0, Prompts).Select(i => row(i).ToJsonString()));

    public void Append(string name, string line) => File.AppendAllLines(PathOf(name), [line]);

    // Neither answer is the longer one in all pairs.
    public static string Good(int i) => $"Thanks {s_names[i % 8]}, it is on its way{(i % 3 == 0 ? " and will be with you soon" : "")}.";

    public static string Bad(int i) => $"No idea, {s_names[i % 8]}, look for it {(i % 3 == 1 ? "somewhere in the cellar or in the street" : "")}yourself.";

    public static string Prompt(int i) => $"{s_names[i / 5]} asks where order {100 + i} is.";

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
