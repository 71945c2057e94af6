using System.Text.Json.Nodes;
using Leftover.Data;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Puts together a tokenizer from SentencePiece's pieces: Llama's kind, which merges by score and spells the unknown in bytes.</summary>
internal static class SentencePieceTokenizer
{
    public const string Blank = "\u2581";

    /// <summary>Reads a tokenizer.model.</summary>
    public static Tokenizer Load(string file, TokenizerSettings settings)
    {
        SentencePieceModel model = SentencePieceModel.Read(TokenizerFiles.ReadBytes(file), file);
        if (model.ModelType != SentencePieceModel.Bpe) throw NotBuilt("the model type " + model.ModelType switch { 1 => "unigram", 3 => "word", 4 => "char", var other => other });
        if (model.CharacterMap.Length > 0) throw NotBuilt("a precompiled_charsmap (rules that rewrite characters)");
        if (!model.EscapesBlanks || model.BlankAsSuffix) throw NotBuilt("escape_whitespaces off or treat_whitespace_as_suffix");
        if (model.Pieces.Exists(piece => piece.Kind == PieceKind.Unused)) throw NotBuilt("a vocabulary with unused pieces");

        settings = settings with
        {
            BeginOfSequence = settings.BeginOfSequence ?? Text(model, model.BeginId),
            EndOfSequence = settings.EndOfSequence ?? Text(model, model.EndId),
            Pad = settings.Pad ?? Text(model, model.PadId),
        };
        // Llama's tokenizer puts the begin of sequence in front unless its settings say otherwise.
        var layout = new Layout(
            model.AddsDummyPrefix, model.RemovesExtraBlanks, model.ByteFallback, model.UnknownSurface, settings.AddsBegin ?? true, settings.AddsEnd ?? false);
        return Make(model.Pieces, layout, settings, file);

        DataException NotBuilt(string what) => new($"{file}: uses {what}, which is not built here. Save it as tokenizer.json with Hugging Face's library, where that layout is.");
    }

    /// <summary>Makes a tokenizer from pieces whose ids are their places.</summary>
    public static Tokenizer Make(IReadOnlyList<SentencePiece> pieces, Layout layout, TokenizerSettings settings, string file)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++)
            if (!ids.TryAdd(pieces[id].Text, id) && pieces[id].Kind is PieceKind.Normal)
                throw new DataException($"{file}: piece {id} is \"{pieces[id].Text}\", as piece {ids[pieces[id].Text]} is; pieces must differ.");

        int unknown = pieces.ToList().FindIndex(piece => piece.Kind == PieceKind.Unknown);
        string? unknownToken = unknown >= 0 ? pieces[unknown].Text : null;
        var vocabulary = new Vocabulary(ids);
        var options = new BpeOptions { UnknownToken = unknownToken, FuseUnknown = true, ByteFallback = layout.ByteFallback };
        BpeModel model = BpeModel.FromScores(vocabulary, Mergeable(pieces), options);
        var parts = new TokenizerParts(model)
        {
            AddedTokens = [.. AddedTokens(pieces, settings)],
            Normalizer = Normalizer(layout),
            Decoder = new SentencePieceDecoder(layout.AddsDummyPrefix, layout.RemovesExtraBlanks, unknownToken, layout.UnknownSurface),
            AlwaysShown = unknown >= 0 ? [unknown] : [],
            PostProcessor = PostProcessor.Template(Around(layout.AddsBegin, settings.BeginOfSequence), Around(layout.AddsEnd, settings.EndOfSequence)),
        };
        return new PipelineTokenizer(parts, settings with { Unknown = settings.Unknown ?? unknownToken });

        (string, int)[] Around(bool add, string? token) => add && token is not null && ids.TryGetValue(token, out int id) ? [(token, id)] : [];
    }

    // Tokens of one letter and those with a purpose of their own are not made by merging.
    private static Dictionary<string, float> Mergeable(IReadOnlyList<SentencePiece> pieces)
    {
        var scores = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (SentencePiece piece in pieces)
            if (piece.Kind is PieceKind.Normal) scores.TryAdd(piece.Text, piece.Score);
        return scores;
    }

    private static IEnumerable<AddedToken> AddedTokens(IReadOnlyList<SentencePiece> pieces, TokenizerSettings settings)
    {
        for (int id = 0; id < pieces.Count; id++)
        {
            SentencePiece piece = pieces[id];
            if (piece.Kind is PieceKind.Control or PieceKind.Unknown) yield return new AddedToken(id, piece.Text, Special: true);
            else if (piece.Kind is PieceKind.UserDefined) yield return new AddedToken(id, piece.Text, Special: false) { NormalizedAlready = true };
        }
        foreach (AddedToken token in settings.AddedTokens)
            if (token.Id >= pieces.Count) yield return token;
    }

    private static NormalizerSequence Normalizer(Layout layout)
    {
        var steps = new List<Normalizer>();
        if (layout.RemovesExtraBlanks)
        {
            // Plain blanks only: others are characters like any other, as long as no rules rewrite them.
            steps.Add(Replace("\\A +| +\\z", "", isRegex: true));
            steps.Add(Replace(" {2,}", " ", isRegex: true));
        }
        if (layout.AddsDummyPrefix) steps.Add(new PrependNormalizer(Blank));
        steps.Add(Replace(" ", Blank, isRegex: false));
        return new NormalizerSequence(steps);
    }

    private static ReplaceNormalizer Replace(string pattern, string content, bool isRegex) => new(
        isRegex ? new RegexPattern(pattern) : new LiteralPattern(pattern), content,
        new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { [isRegex ? "Regex" : "String"] = pattern }, ["content"] = content });

    internal static JsonObject Replacement(string type, string pattern, string content) =>
        new() { ["type"] = type, ["pattern"] = new JsonObject { ["String"] = pattern }, ["content"] = content };

    private static string? Text(SentencePieceModel model, int id) => id >= 0 && id < model.Pieces.Count ? model.Pieces[id].Text : null;

    /// <summary>What a model says beside its pieces.</summary>
    internal sealed record Layout(bool AddsDummyPrefix, bool RemovesExtraBlanks, bool ByteFallback, string UnknownSurface, bool AddsBegin, bool AddsEnd);
}
