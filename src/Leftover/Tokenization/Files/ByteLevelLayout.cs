using System.Text;
using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Tokenization.Pipeline;
using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Files;

/// <summary>Puts the stages around a byte-level BPE model where the files name only the family it is of.</summary>
internal static class ByteLevelLayout
{
    /// <summary>The stages of a family, named by the tokenizer_class of a tokenizer_config.json.</summary>
    public static TokenizerParts Of(BpeModel model, IReadOnlyList<AddedToken> addedTokens, TokenizerSettings settings, string file)
    {
        string family = settings.TokenizerClass ?? "GPT2Tokenizer";
        if (family.EndsWith("Fast", StringComparison.Ordinal)) family = family[..^4];
        var parts = new TokenizerParts(model) { AddedTokens = addedTokens, Decoder = new ByteLevelDecoder() };
        return family switch
        {
            "GPT2Tokenizer" or "PreTrainedTokenizer" => parts with { PreTokenizer = Gpt2, PostProcessor = Begin(model, settings) },
            "Qwen2Tokenizer" => parts with { Normalizer = Nfc, PreTokenizer = Qwen },
            _ => throw new DataException($"{file}: the tokenizer is a {family}, which is not built from this file; save it as tokenizer.json with Hugging Face's library."),
        };
    }

    /// <summary>The stages (all but the model) and options of a split named by a GGUF file's tokenizer.ggml.pre.</summary>
    public static (Normalizer? Normalizer, PreTokenizer PreTokenizer, BpeOptions Options) OfGguf(string pre, string file)
    {
        var options = new BpeOptions();
        return pre switch
        {
            "gpt-2" or "default" or "phi-2" or "mpt" or "olmo" => (null, Gpt2, options),
            "smollm" or "starcoder" or "refact" or "command-r" or "codeshell" or "exaone" or "minerva-7b" => (null, DigitsThenGpt2, options),
            "llama-bpe" or "llama3" or "llama-v3" or "falcon3" or "dbrx" or "smaug-bpe" => (null, Llama3, options with { IgnoreMerges = pre is not ("dbrx" or "smaug-bpe") }),
            "qwen2" or "deepseek-r1-qwen" or "megrez" => (Nfc, Qwen, options),
            _ => throw new DataException($"{file}: 'tokenizer.ggml.pre' is \"{pre}\", a split that is not built here; those of gpt-2, smollm, llama-bpe, qwen2 and their kin are."),
        };
    }

    private static UnicodeFormNormalizer Nfc { get; } = new(NormalizationForm.FormC);

    private static PostProcessor Begin(BpeModel model, TokenizerSettings settings)
    {
        return settings.AddsBegin == true && settings.BeginOfSequence is { } token && model.TokenToId(token) is { } id ? PostProcessor.Template([(token, id)], []) : PostProcessor.None;
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
