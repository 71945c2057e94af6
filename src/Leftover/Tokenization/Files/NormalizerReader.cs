using System.Text;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "normalizer" of a tokenizer.json.</summary>
internal static class NormalizerReader
{
    public static Normalizer? Read(JsonPart json) => json.IsNull ? null : json["type"].Text() switch
    {
        "Sequence" => new NormalizerSequence([.. json["normalizers"].Items().Select(step => Read(step) ?? throw step.Wrong("a normalizer"))]),
        "NFC" => new UnicodeFormNormalizer(NormalizationForm.FormC),
        "NFD" => new UnicodeFormNormalizer(NormalizationForm.FormD),
        "NFKC" => new UnicodeFormNormalizer(NormalizationForm.FormKC),
        "NFKD" => new UnicodeFormNormalizer(NormalizationForm.FormKD),
        "Lowercase" => new LowercaseNormalizer(json.Copy()),
        "StripAccents" => new StripAccentsNormalizer(json.Copy()),
        "Strip" => new StripNormalizer(json["strip_left"].Flag(true), json["strip_right"].Flag(true), json.Copy()),
        "Nmt" => new NmtNormalizer(json.Copy()),
        "BertNormalizer" => new BertNormalizer(
            json["clean_text"].Flag(true), json["handle_chinese_chars"].Flag(true),
            json["strip_accents"].Flag(whenMissing: json["lowercase"].Flag(true)), json["lowercase"].Flag(true), json.Copy()),
        "Prepend" => new PrependNormalizer(json["prepend"].Text()),
        "Replace" => new ReplaceNormalizer(PatternReader.Read(json["pattern"]), json["content"].Text(), json.Copy()),
        _ => throw TokenizerJsonReader.NotBuilt(json, "normalizer"),
    };
}
