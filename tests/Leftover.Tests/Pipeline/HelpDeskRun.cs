using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models;
using Leftover.Pipeline;
using Leftover.Runs;
using Leftover.Tokenization;

namespace Leftover.Tests.Pipeline;

/// <summary>A folder with a small help-desk log, a tokenizer trained on it and a tiny random model: what a run needs.</summary>
internal sealed class HelpDeskRun : IDisposable
{
    public HelpDeskRun()
    {
        new HelpDeskLog { TrainPrompts = 24, RepliesPerPrompt = 2, ValidationPrompts = 6, HeldOutPrompts = 6 }.Write(PathOf("data"), seed: 5);
        Tokenizer tokenizer = new ByteLevelBpeTrainer
        {
            VocabularySize = 320,
            SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
            EndOfSequence = "<|im_end|>",
            SplitDigits = true,
        }.Train(File.ReadLines(PathOf("data", "train.jsonl")));
        using LanguageModel model = LanguageModel.Create(ModelConfig.Parse((JsonObject)JsonNode.Parse($$"""
            {
              "model_type": "llama", "vocab_size": {{tokenizer.VocabularySize}}, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
              "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000,
              "tie_word_embeddings": true, "initializer_range": 0.2
            }
            """)!, "test"), seed: 1);
        ModelFolder.Save(model, PathOf("model"), tokenizer);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("leftover-run").FullName;

    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A pipeline over the recipe, in an output folder of its own; all share one cache.</summary>
    public RunPipeline Pipeline(string output, RecordingObserver observer)
    {
        Recipe recipe = RecipeLoader.Parse($$"""
            model: model
            template: chatml
            data: {train: data/train.jsonl, validation: data/validation.jsonl, held_out: data/held-out.jsonl}
            truncation: {max_prompt_tokens: 64, max_completion_tokens: 64}
            rewards:
              - {name: right_number, type: regex, prompt_pattern: '(?<number>\d{3})', patterns: ['\b{number}\b']}
              - {name: short, type: length, max: 20, width: 10}
            value: {epochs: 2}
            methods: [a-lol]
            training: {steps: 2, batch_size: 8}
            generation: {max_new_tokens: 8}
            output: {{output}}
            cache: cache
            """, Root);
        return new RunPipeline(new RunContext { Recipe = recipe, Observer = observer });
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>Remembers what work was begun, and how much of it.</summary>
internal sealed class RecordingObserver : IRunObserver
{
    private readonly List<(string Title, long Total)> _work = [];

    /// <summary>How much of a piece of work was begun in all; 0 where none was.</summary>
    public long this[string title] => _work.Where(work => work.Title == title).Sum(work => work.Total);

    public IEnumerable<string> Titles => _work.Select(work => work.Title);

    public List<string> Lines { get; } = [];

    public IWorkProgress Begin(string title, long total, string unit)
    {
        _work.Add((title, total));
        return SilentObserver.Instance;
    }

    public void Say(string line) => Lines.Add(line);

    public void Warn(string line) => Lines.Add(line);
}
