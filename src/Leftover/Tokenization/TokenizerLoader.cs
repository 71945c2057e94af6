using Leftover.Data;
using Leftover.Tensors.Gguf;
using Leftover.Tokenization.Files;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization;

/// <summary>Finds out in which of the known layouts a folder holds its tokenizer, and reads it.</summary>
public static class TokenizerLoader
{
    /// <summary>Reads the tokenizer of a model: a folder with tokenizer.json, or vocab.json and merges.txt (GPT-2's encoder.json and vocab.bpe too), or tokenizer.model, each perhaps gzipped; or a GGUF file, or a folder with nothing but one.</summary>
    /// <exception cref="DataException">There is none, it is malformed, or it needs a part that is not built.</exception>
    public static Tokenizer Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (File.Exists(folder) && folder.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) return FromGguf(folder);
        if (!Directory.Exists(folder)) throw new DataException($"{folder}: there is no such folder; a tokenizer is read from a model's folder.");
        TokenizerSettings settings = SettingsReader.Read(folder);

        if (TokenizerFiles.Find(folder, "tokenizer.json") is { } json)
        {
            TokenizerParts parts = TokenizerJsonReader.Read(TokenizerFiles.ReadText(json), json);
            return new PipelineTokenizer(parts with { AddedTokens = Missing(parts.AddedTokens, settings.AddedTokens) }, settings);
        }
        if (TokenizerFiles.Find(folder, "vocab.json", "encoder.json") is { } vocabulary && TokenizerFiles.Find(folder, "merges.txt", "vocab.bpe") is { } merges)
            return VocabularyAndMerges.Read(vocabulary, merges, settings);
        if (TokenizerFiles.Find(folder, "tokenizer.model") is { } model) return SentencePieceTokenizer.Load(model, settings);

        if (Directory.GetFiles(folder, "*.gguf") is [{ } gguf]) return FromGguf(gguf);

        throw new DataException($"{folder}: holds no tokenizer; needed is tokenizer.json, or vocab.json and merges.txt, or tokenizer.model (each may end in .gz), or one .gguf file.");
    }

    private static Tokenizer FromGguf(string path)
    {
        try
        {
            using GgufFile file = GgufFile.Open(path);
            return Tokenizer.FromGguf(file.Metadata);
        }
        catch (InvalidDataException broken)
        {
            throw new DataException(broken.Message, broken);
        }
    }

    // tokenizer_config.json may list tokens that were added after tokenizer.json was written.
    private static AddedToken[] Missing(IReadOnlyList<AddedToken> known, IReadOnlyList<AddedToken> listed)
    {
        var contents = known.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        return [.. known, .. listed.Where(token => !contents.Contains(token.Content))];
    }
}
