using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tokenization;

namespace Leftover.Pipeline;

/// <summary>The model a run starts from, and its tokenizer: those named, or new ones of the recipe's config.</summary>
internal static class ModelStage
{
    /// <summary>The tokenizer and template of the recipe.</summary>
    public static TextCoding Coding(RunContext context, Func<IReadOnlyList<Example>> train)
    {
        ModelOptions model = context.Recipe.Model;
        string? path = model.Tokenizer ?? model.Path;
        if (path is null) path = NewTokenizer(context, train());
        Tokenizer tokenizer = Tokenizer.Load(path);
        PromptTemplate template = PromptTemplate.For(tokenizer, context.Recipe.Template switch { "auto" => null, "none" => "plain", string name => name });
        if (context.Recipe.Template == "auto" && tokenizer.ChatTemplate is not null && !ChatMl.Fits(tokenizer))
            context.Observer.Warn($"{path} has a chat template of its own, and the tokens of ChatML are not in its vocabulary: prompts are written as a '{template.Name}', which the model was not trained on. Say template: {template.Name} in the recipe if that is meant.");
        return new TextCoding(tokenizer, template, RunContext.Key(("tokenizer", tokenizer.Fingerprint), ("template", template.Name)));
    }

    /// <summary>The model before any training of this run.</summary>
    public static PolicySource Base(RunContext context, TextCoding coding)
    {
        ModelOptions options = context.Recipe.Model;
        if (options.Path is { } path) return PolicySource.Of(path);
        if (options.Config is not { } config)
            throw new DataException("The recipe names no model; it needs model.path (a folder in Hugging Face layout, or a .gguf file) or model.config (the shape of a new one).");

        var shape = (JsonObject)JsonNode.Parse(config.ToJsonString())!;       // a copy, and its numbers as a config.json has them
        shape["vocab_size"] ??= JsonNode.Parse($"{coding.Tokenizer.VocabularySize}");
        string key = RunContext.Key(("config", shape.ToJsonString()), ("tokenizer", coding.Hash), ("seed", context.Recipe.Seed.ToString()));
        string folder = context.Cache.GetOrCreate("model", key, target =>
        {
            using LanguageModel model = LanguageModel.Create(ModelConfig.Parse(shape, "model.config"), context.Recipe.Seed);
            ModelFolder.Save(model, Path.Combine(target, "model"), coding.Tokenizer);
        });
        return PolicySource.Of(Path.Combine(folder, "model"));
    }

    /// <summary>Refuses a tokenizer that does not fit the model.</summary>
    public static void Check(RunContext context, LanguageModel model, TextCoding coding)
    {
        model.CheckVocabulary(coding.Tokenizer);
        foreach (string note in model.Notes) context.Observer.Say(note);
    }

    private static string NewTokenizer(RunContext context, IReadOnlyList<Example> train)
    {
        int size = context.Recipe.Model.VocabularySize
            ?? throw new DataException("The recipe names no tokenizer; it needs model.tokenizer (a folder with one), or model.vocabulary_size to train one on the train set.");
        string[] texts = [.. train.SelectMany(example => new[] { example.PromptText, example.Completion })];
        string key = RunContext.Key(("texts", ContentHash.OfText(string.Join('\0', texts))), ("size", size.ToString()));
        return context.Cache.GetOrCreate("tokenizer", key, target => Trainer(size).Train(texts, context.Cancellation).Save(target));
    }

    // Chat turns have their tokens, and digits stand alone, so that numbers can be copied.
    private static ByteLevelBpeTrainer Trainer(int size) => new()
    {
        VocabularySize = size,
        SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        EndOfSequence = "<|im_end|>",
        SplitDigits = true,
    };
}
