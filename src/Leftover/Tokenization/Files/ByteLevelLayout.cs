using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Tokenization.Pipeline;
using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Files;

/// <summary>Puts the stages around a byte-level BPE model where the files name only the family it is of.</summary>
internal static class ByteLevelLayout
{
    /// <summary>The stages of a family, named by the tokenizer_class of a tokenizer_config.json.</summary>
    public static TokenizerParts Of(BpeModel model, IReadOnlyList<AddedToken> addedTokens, string tokenizerClass, TokenizerSettings settings, string file)
    {
        string family = tokenizerClass.EndsWith("Fast", StringComparison.Ordinal) ? tokenizerClass[..^4] : tokenizerClass;
        var parts = new TokenizerParts(model) { AddedTokens = addedTokens, Decoder = new ByteLevelDecoder() };
        bool addBegin = settings.Config?["add_bos_token"]?.GetValueKind() == System.Text.Json.JsonValueKind.True;
        var begin = addBegin && settings.BeginOfSequence is { } token && model.TokenToId(token) is { } id ? PostProcessor.Template([(token, id)], []) : PostProcessor.None;
        return family switch
        {
            "GPT2Tokenizer" or "PreTrainedTokenizer" => parts with { PreTokenizer = Gpt2, PostProcessor = begin },
            _ => throw new DataException($"{file}: the tokenizer is a {tokenizerClass}, which is not built from this file; save it as tokenizer.json first."),
        };
    }

    /// <summary>GPT-2's split.</summary>
    public static PreTokenizer Gpt2 { get; } = new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: true);

    /// <summary>Each digit alone, then GPT-2's split: SmolLM's.</summary>
    public static PreTokenizer DigitsThenGpt2 { get; } = new PreTokenizerSequence(
    [
        new PatternSplit(new KindPattern(CharKind.Number), SplitBehavior.Isolated, invert: false, new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }),
        Gpt2,
    ]);

    /// <summary>Llama 3's split.</summary>
    public static PreTokenizer Llama3 { get; } = Split(Llama3Pattern.Llama3, Llama3Pattern.Llama3Regex);

    /// <summary>Qwen's split.</summary>
    public static PreTokenizer Qwen { get; } = Split(Llama3Pattern.Qwen, Llama3Pattern.QwenRegex);

    private static PreTokenizerSequence Split(SplitPattern pattern, string regex) => new(
    [
        new PatternSplit(pattern, SplitBehavior.Isolated, invert: false, new JsonObject
        {
            ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = regex }, ["behavior"] = "Isolated", ["invert"] = false,
        }),
        new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: false),
    ]);
}
