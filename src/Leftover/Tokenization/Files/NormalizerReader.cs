using System.Text;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads the "normalizer" of a tokenizer.json.</summary>
internal static class NormalizerReader
{
    public static Normalizer? Read(JsonPart json) => json.IsNull ? null : json["type"].Text() switch
    {
        "Sequence" => new NormalizerSequence([.. json["normalizers"].Items().Select(step => Read(step)!)]),
        "NFC" => new UnicodeFormNormalizer(NormalizationForm.FormC),
        "NFD" => new UnicodeFormNormalizer(NormalizationForm.FormD),
        "NFKC" => new UnicodeFormNormalizer(NormalizationForm.FormKC),
        "NFKD" => new UnicodeFormNormalizer(NormalizationForm.FormKD),
        "Prepend" => new PrependNormalizer(json["prepend"].Text()),
        "Replace" => new ReplaceNormalizer(PatternReader.Read(json["pattern"]), json["content"].Text(), json.Copy()),
        _ => throw TokenizerJsonReader.NotBuilt(json, "normalizer"),
    };
}
