using Leftover.Data;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Makes a tokenizer from the metadata of a GGUF file (the keys tokenizer.ggml.*).</summary>
internal static class GgufTokenizer
{
    private const string File = "GGUF metadata";

    public static Tokenizer Read(IReadOnlyDictionary<string, object> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var keys = new GgufKeys(metadata);
        string[] tokens = keys.Texts("tokens") ?? throw new DataException($"{File}: 'tokenizer.ggml.tokens' is missing; the file holds no tokenizer.");
        var settings = new TokenizerSettings
        {
            BeginOfSequence = keys.Token("bos_token_id", tokens),
            EndOfSequence = keys.Token("eos_token_id", tokens),
            Unknown = keys.Token("unknown_token_id", tokens),
            Pad = keys.Token("padding_token_id", tokens),
            GenerationEnds = [.. ((string[])["eot_token_id", "eom_token_id"]).Select(key => keys.Id(key, tokens)).OfType<int>()],
            ChatTemplate = keys.Template,
        };
        string model = keys.Text("model") ?? throw new DataException($"{File}: 'tokenizer.ggml.model' is missing; it names the kind of tokenizer.");
        return model switch
        {
            "gpt2" => ByteLevel(keys, tokens, settings),
            "llama" => Llama(keys, tokens, settings),
            _ => throw new DataException($"{File}: 'tokenizer.ggml.model' is \"{model}\", which is not built here; gpt2 and llama are."),
        };
    }

    private static PipelineTokenizer ByteLevel(GgufKeys keys, string[] tokens, TokenizerSettings settings)
    {
        Vocabulary vocabulary = VocabularyOf(tokens);
        string[] lines = keys.Texts("merges") ?? throw new DataException($"{File}: 'tokenizer.ggml.merges' is missing; a gpt2 tokenizer needs it.");
        var merges = new (int, int, int)[lines.Length];
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            int blank = line.IndexOf(' ', Math.Min(1, line.Length));
            int left = blank < 0 ? -1 : vocabulary.IdOf(line.AsSpan(0, blank)), right = blank < 0 ? -1 : vocabulary.IdOf(line.AsSpan(blank + 1));
            int merged = blank < 0 ? -1 : vocabulary.IdOf(string.Concat(line.AsSpan(0, blank), line.AsSpan(blank + 1)));
            if (left < 0 || right < 0 || merged < 0) throw new DataException($"{File}: 'tokenizer.ggml.merges' [{i}] is \"{line}\", which merges tokens that are not in 'tokenizer.ggml.tokens'.");
            merges[i] = (left, right, merged);
        }
        (Normalizer? normalizer, PreTokenizer preTokenizer, BpeOptions options) = ByteLevelLayout.OfGguf(keys.Text("pre") ?? "gpt-2", File);
        var around = PostProcessor.Template(
            Around(keys.Flag("add_bos_token", false), settings.BeginOfSequence, vocabulary), Around(keys.Flag("add_eos_token", false), settings.EndOfSequence, vocabulary));
        var parts = new TokenizerParts(BpeModel.FromMerges(vocabulary, merges, options))
        {
            AddedTokens = [.. AddedTokens(keys, tokens, settings)],
            Normalizer = normalizer,
            PreTokenizer = preTokenizer,
            PostProcessor = around,
            Decoder = new ByteLevelDecoder(),
        };
        return new PipelineTokenizer(parts, settings);
    }

    private static Tokenizer Llama(GgufKeys keys, string[] tokens, TokenizerSettings settings)
    {
        float[] scores = keys.Scores(tokens.Length);
        int[] kinds = keys.Kinds(tokens.Length) ?? throw new DataException($"{File}: 'tokenizer.ggml.token_type' is missing; a llama tokenizer needs it.");
        var pieces = new SentencePiece[tokens.Length];
        for (int id = 0; id < tokens.Length; id++) pieces[id] = new SentencePiece(tokens[id], scores[id], (PieceKind)kinds[id]);
        var layout = new SentencePieceTokenizer.Layout(
            AddsDummyPrefix: keys.Flag("add_space_prefix", true), RemovesExtraBlanks: keys.Flag("remove_extra_whitespaces", false), ByteFallback: true, UnknownSurface: " \u2047 ",
            AddsBegin: keys.Flag("add_bos_token", true), AddsEnd: keys.Flag("add_eos_token", false));
        return SentencePieceTokenizer.Make(pieces, layout, settings, File);
    }

    // Control and user-defined tokens (3 and 4), and those that the other keys name.
    private static IEnumerable<AddedToken> AddedTokens(GgufKeys keys, string[] tokens, TokenizerSettings settings)
    {
        int[]? kinds = keys.Kinds(tokens.Length);
        string?[] named = [settings.BeginOfSequence, settings.EndOfSequence, settings.Pad];
        for (int id = 0; id < tokens.Length; id++)
        {
            bool special = kinds is null ? named.Contains(tokens[id]) : kinds[id] == (int)PieceKind.Control;
            if (special || kinds?[id] == (int)PieceKind.UserDefined) yield return new AddedToken(id, tokens[id], special);
        }
    }

    private static (string, int)[] Around(bool add, string? token, Vocabulary vocabulary) => add && token is not null ? [(token, vocabulary.IdOf(token))] : [];

    private static Vocabulary VocabularyOf(string[] tokens)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
            if (!ids.TryAdd(tokens[id], id)) throw new DataException($"{File}: 'tokenizer.ggml.tokens' [{id}] is \"{tokens[id]}\", as [{ids[tokens[id]]}] is; tokens must differ.");
        return new Vocabulary(ids);
    }
}
