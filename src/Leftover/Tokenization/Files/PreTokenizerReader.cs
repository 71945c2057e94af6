using System.Text.Json.Nodes;
using Leftover.Tokenization.Pipeline;
using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "pre_tokenizer" of a tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    public static PreTokenizer? Read(JsonPart json) => json.IsNull ? null : json["type"].Text() switch
    {
        "Sequence" => Sequence(json),
        "ByteLevel" => new ByteLevelPreTokenizer(json["add_prefix_space"].Flag(true), json["use_regex"].Flag(true)),
        "Split" => new PatternSplit(PatternReader.Read(json["pattern"]), Behavior(json["behavior"]), json["invert"].Flag(false), json.Copy()),
        "Digits" => new PatternSplit(new KindPattern(CharKind.Number),
            json["individual_digits"].Flag(false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous, invert: false, json.Copy()),
        "Punctuation" => Punctuation(json["behavior"].IsNull ? SplitBehavior.Isolated : Behavior(json["behavior"]), json.Copy()),
        "WhitespaceSplit" => Blanks(json.Copy()),
        "Whitespace" => new PatternSplit(new WordOrSymbolsPattern(), SplitBehavior.Removed, invert: true, json.Copy()),
        "BertPreTokenizer" => new PreTokenizerSequence([Blanks(json.Copy()), Punctuation(SplitBehavior.Isolated, json.Copy())], json.Copy()),
        "CharDelimiterSplit" => new PatternSplit(new LiteralPattern(json["delimiter"].Text()), SplitBehavior.Removed, invert: false, json.Copy()),
        "Metaspace" => new MetaspacePreTokenizer(json["replacement"].Text(), Scheme(json), json["split"].Flag(true), json.Copy()),
        _ => throw TokenizerJsonReader.NotBuilt(json, "pre_tokenizer"),
    };

    /// <summary>Where a Metaspace puts its mark; older files say only whether it does (add_prefix_space).</summary>
    public static PrependScheme Scheme(JsonPart json) => json["prepend_scheme"].TextOrNull() switch
    {
        "always" => PrependScheme.Always,
        "first" => PrependScheme.First,
        "never" => PrependScheme.Never,
        null => json["add_prefix_space"].Flag(true) ? PrependScheme.Always : PrependScheme.Never,
        _ => throw json["prepend_scheme"].Wrong("always, first or never"),
    };

    private static PatternSplit Blanks(JsonObject json) => new(new KindPattern(CharKind.White), SplitBehavior.Removed, invert: false, json);

    private static PatternSplit Punctuation(SplitBehavior behavior, JsonObject json) =>
        new(new KindPattern(CharKind.Punctuation, asciiSymbols: true), behavior, invert: false, json);

    private static PreTokenizerSequence Sequence(JsonPart json)
    {
        JsonPart[] steps = [.. json["pretokenizers"].Items()];
        PreTokenizer[] read = [.. steps.Select(step => Read(step) ?? throw step.Wrong("a pre-tokenizer"))];
        for (int i = 0; i < read.Length - 1; i++)
            if (read[i].IsByteLevel) throw steps[i].Error("is a ByteLevel before other pre-tokenizers, which is not built here; it must be the last");
        return new PreTokenizerSequence(read);
    }

    private static SplitBehavior Behavior(JsonPart behavior) =>
        Enum.TryParse(behavior.Text(), out SplitBehavior found) && Enum.IsDefined(found) ? found : throw behavior.Wrong("one of " + string.Join(", ", Enum.GetNames<SplitBehavior>()));
}
