using Leftover.Models;
using Leftover.Models.Layers;
using Leftover.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Tests.Models;

/// <summary>Small models with random weights, large enough that their outputs differ from token to token.</summary>
internal static class TinyModels
{
    public static LlamaConfig LlamaConfig { get; } = new()
    {
        VocabularySize = 61,
        ContextLength = 48,
        Width = 24,
        Layers = 2,
        Heads = 6,
        KeyValueHeads = 2,
        HeadDimension = 4,
        InnerWidth = 40,
        Rope = new RopeSettings { Theta = 1000 },
        InitializerRange = 0.4f,
    };

    public static Gpt2Config Gpt2Config { get; } = new()
    {
        VocabularySize = 61,
        ContextLength = 48,
        Width = 24,
        Layers = 2,
        Heads = 3,
        InnerWidth = 96,
        TiedHead = true,
        InitializerRange = 0.4f,
    };

    public static LanguageModel Llama(long seed = 1) => LanguageModel.Create(LlamaConfig, seed);

    public static LanguageModel Gpt2(long seed = 1) => LanguageModel.Create(Gpt2Config, seed);

    /// <summary>All logits of one sequence, [T, V].</summary>
    public static float[] Logits(LanguageModel model, params int[] ids)
    {
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        return model.Logits(ids, PackedLayout.Single(ids.Length), [.. Enumerable.Range(0, ids.Length)]).Data.ToArray();
    }
}

/// <summary>A folder of its own for one test, removed at its end.</summary>
internal sealed class ModelTestFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("leftover-models-").FullName;

    public string PathOf(string name) => System.IO.Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
