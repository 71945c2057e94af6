using Leftover.Data;

namespace Leftover.Tokenization.Files;

/// <summary>Makes a tokenizer from the metadata of a GGUF file.</summary>
internal static class GgufTokenizer
{
    public static Tokenizer Read(IReadOnlyDictionary<string, object> metadata) => throw new DataException("not built");
}
