using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Leftover.Tokenization.Files;

namespace Leftover.Tokenization.Pipeline;

/// <summary>A tokenizer in Hugging Face's stages: added tokens, normalizer, pre-tokenizer, model, post-processor; and a decoder back.</summary>
internal sealed class PipelineTokenizer : Tokenizer
{
    // The ends of a chat turn in the templates of the families read here.
    private static readonly string[] s_turnEnds = ["<|im_end|>", "<|eot_id|>", "<|end_of_turn|>", "<end_of_turn>", "<|end|>", "<|eom_id|>"];

    private readonly TokenizerParts _parts;
    private readonly TokenizerSettings _settings;
    private readonly Matchers _matchers;
    private readonly Matchers _ordinaryMatchers;             // without the special tokens
    private readonly Dictionary<string, AddedToken> _added = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _addedById = [];
    private readonly HashSet<int> _special = [];
    private readonly HashSet<int> _ends;
    private readonly Lazy<string> _fingerprint;
    private readonly byte[]?[] _bytes = [];                  // of each id, where the decoder is byte-level

    public PipelineTokenizer(TokenizerParts parts, TokenizerSettings settings)
    {
        (_parts, _settings) = (parts, settings);
        foreach (AddedToken token in parts.AddedTokens)
        {
            // The original library shows a token that is looked for in normalized text in its normalized form, and then forgets that it is special.
            string shown = token.Normalized && parts.Normalizer is not null ? parts.Normalizer.Normalize(token.Content) : token.Content;
            _added[token.Content] = token;
            _addedById[token.Id] = shown;
            if (token.Special && shown == token.Content && !parts.AlwaysShown.Contains(token.Id)) _special.Add(token.Id);
        }

        _matchers = Matchers.Of(parts.AddedTokens, parts.Normalizer);
        _ordinaryMatchers = Matchers.Of(parts.AddedTokens.Where(token => !token.Special), parts.Normalizer);

        // tokenizer_config.json may have added tokens that the tokenizer.json does not hold.
        _fingerprint = new Lazy<string>(() => Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes((parts.Json ?? parts.ToJson()) + string.Join('\n', parts.AddedTokens)))));
        VocabularySize = Math.Max(parts.Model.Size, _addedById.Count == 0 ? 0 : _addedById.Keys.Max() + 1);
        BeginOfSequence = Find(settings.BeginOfSequence);
        EndOfSequence = Find(settings.EndOfSequence);
        Pad = Find(settings.Pad);
        _ends = [.. settings.GenerationEnds, .. s_turnEnds.Where(_added.ContainsKey).Select(end => _added[end].Id)];
        if (EndOfSequence is { } endOfSequence) _ends.Add(endOfSequence);

        if (parts.Decoder is ByteLevelDecoder)
        {
            _bytes = new byte[VocabularySize][];
            for (int id = 0; id < VocabularySize; id++)
                if (Token(id) is { } token) _bytes[id] = ByteLetters.Read(token);
        }
    }

    public override int VocabularySize { get; }
    public override int? BeginOfSequence { get; }
    public override int? EndOfSequence { get; }
    public override int? Pad { get; }
    public override IReadOnlyCollection<int> EndOfGeneration => _ends;
    public override IReadOnlyList<int> LeadingSpecialTokens => _parts.PostProcessor.Before;
    public override bool AddsLeadingBlank => (_parts.Normalizer?.AddsLeadingBlank ?? false) || (_parts.PreTokenizer?.AddsLeadingBlank ?? false);
    public override string Fingerprint => _fingerprint.Value;
    public override string? ChatTemplate => _settings.ChatTemplate;

    public override int[] Encode(string text, bool addSpecialTokens = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(text.Length / 3 + 8);
        if (addSpecialTokens) ids.AddRange(_parts.PostProcessor.Before);

        EncodeText(text, _matchers, ids);
        if (addSpecialTokens) ids.AddRange(_parts.PostProcessor.After);
        return [.. ids];
    }

    public override int[] EncodeOrdinary(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(text.Length / 3 + 8);
        EncodeText(text, _ordinaryMatchers, ids);
        return [.. ids];
    }

    public override string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        if (_parts.Decoder is ByteLevelDecoder) return DecodeBytes(ids, skipSpecialTokens);
        var tokens = new List<string>(ids.Length);
        foreach (int id in ids)
            if (Token(id) is { } token && !(skipSpecialTokens && IsSpecial(id))) tokens.Add(token);
        return _parts.Decoder is null ? string.Join(' ', tokens) : string.Concat(_parts.Decoder.Decode(tokens));
    }

    public override string IdToToken(int id) =>
        Token(id) ?? throw new ArgumentOutOfRangeException(nameof(id), id, $"No token has this id; they run from 0 to {VocabularySize - 1}.");

    public override int? TokenToId(string token) => _added.TryGetValue(token, out AddedToken? added) ? added.Id : _parts.Model.TokenToId(token);

    public override bool IsSpecial(int id) => _special.Contains(id);

    public override void Save(string folder) => TokenizerFiles.Write(folder, _parts.Json ?? _parts.ToJson(), _settings);

    private string? Token(int id) => _addedById.TryGetValue(id, out string? added) ? added : _parts.Model.IdToToken(id);

    private int? Find(string? token) => token is null ? null : TokenToId(token);

    private void EncodeText(string text, Matchers matchers, List<int> ids)
    {
        List<(int Start, int End, AddedToken? Token)> cuts = [];
        matchers.Raw.Cut(text, cuts);
        foreach ((int start, int end, AddedToken? token) in cuts)
            if (token is not null) ids.Add(token.Id);
            else EncodePlain(text[start..end], start == 0, matchers.Normalized, ids);
    }

    private void EncodePlain(string text, bool atStart, AddedTokenMatcher? normalizedMatcher, List<int> ids)
    {
        if (_parts.Normalizer is not null) text = _parts.Normalizer.Normalize(text);
        if (normalizedMatcher is null)
        {
            EncodeWords(text, atStart, ids);
            return;
        }
        List<(int Start, int End, AddedToken? Token)> cuts = [];
        normalizedMatcher.Cut(text, cuts);
        foreach ((int start, int end, AddedToken? token) in cuts)
            if (token is not null) ids.Add(token.Id);
            else EncodeWords(text[start..end], atStart && start == 0, ids);
    }

    private void EncodeWords(string text, bool atStart, List<int> ids)
    {
        if (text.Length == 0) return;
        if (_parts.PreTokenizer is null)
        {
            _parts.Model.Encode(text, ids);
            return;
        }
        var words = new List<Piece>(text.Length / 4 + 1);
        _parts.PreTokenizer.Split(new Piece(text, atStart), words);
        bool bytes = _parts.PreTokenizer.IsByteLevel;
        foreach (Piece word in words)
            if (bytes) _parts.Model.EncodeBytes(word.Span, ids);
            else _parts.Model.Encode(word.Span, ids);
    }

    private string DecodeBytes(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(Math.Max(16, ids.Length * 4));
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_bytes.Length || _bytes[id] is not { } token || (skipSpecialTokens && IsSpecial(id))) continue;
            token.CopyTo(bytes.GetSpan(token.Length));
            bytes.Advance(token.Length);
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>What finds added tokens in the raw text, and what finds those that are looked for after normalizing.</summary>
    private sealed record Matchers(AddedTokenMatcher Raw, AddedTokenMatcher? Normalized)
    {
        public static Matchers Of(IEnumerable<AddedToken> tokens, Normalizer? normalizer)
        {
            // Without a normalizer a token is found in the same text either way; one search does for all.
            AddedToken[] late = [.. tokens.Where(token => normalizer is not null && (token.Normalized || token.NormalizedAlready))];
            return new Matchers(
                new AddedTokenMatcher(tokens.Except(late).Select(token => (token.Content, token))),
                late.Length == 0 ? null : new AddedTokenMatcher(late.Select(token => (token.NormalizedAlready ? token.Content : normalizer!.Normalize(token.Content), token))));
        }
    }
}

/// <summary>The stages of a tokenizer.</summary>
internal sealed record TokenizerParts(TokenModel Model)
{
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];
    public Normalizer? Normalizer { get; init; }
    public PreTokenizer? PreTokenizer { get; init; }
    public PostProcessor PostProcessor { get; init; } = PostProcessor.None;
    public Decoder? Decoder { get; init; }

    /// <summary>Special tokens that decoding does not leave out.</summary>
    public IReadOnlyList<int> AlwaysShown { get; init; } = [];

    /// <summary>The tokenizer.json they were read from, or null.</summary>
    public string? Json { get; init; }

    /// <summary>The tokenizer.json that describes them.</summary>
    public string ToJson() => new JsonObject
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. AddedTokens.OrderBy(token => token.Id).Select(token => (JsonNode)token.ToJson())]),
        ["normalizer"] = Normalizer?.ToJson(),
        ["pre_tokenizer"] = PreTokenizer?.ToJson(),
        ["post_processor"] = PostProcessor.Json?.DeepClone(),
        ["decoder"] = Decoder?.ToJson(),
        ["model"] = Model.ToJson(),
    }.ToJsonString();
}
