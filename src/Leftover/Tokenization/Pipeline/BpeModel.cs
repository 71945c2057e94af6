using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Pipeline;

/// <summary>What a BPE model does beside merging.</summary>
internal sealed record BpeOptions
{
    /// <summary>The token of what the vocabulary cannot spell, or null: then it is left out.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Put before every symbol of a word but the first.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>Put after the last symbol of a word.</summary>
    public string EndOfWordSuffix { get; init; } = "";

    /// <summary>Whether unknown symbols in a row become one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether an unknown symbol is spelled by its UTF-8 bytes, as tokens like "&lt;0x0A&gt;".</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a whole word that is in the vocabulary is taken before any merge.</summary>
    public bool IgnoreMerges { get; init; }
}

/// <summary>Byte-pair encoding, over bytes or over characters.</summary>
internal sealed class BpeModel : TokenModel
{
    private const int NoToken = -1;

    private readonly Vocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly BpeOptions _options;
    private readonly (int Left, int Right)[] _order;
    private readonly int[] _bytePieces = new int[256];      // the ids of "<0x00>" … , for byte fallback
    private readonly int[] _byteLetters = new int[256];     // the ids of byte letters
    private readonly int _unknown;
    private readonly WordCache _cache = new();
    private readonly WordCache _byteCache = new();

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">The merges, by id.</param>
    /// <param name="options">What it does beside merging.</param>
    /// <param name="order">The pairs that merge, the earliest first.</param>
    private BpeModel(Vocabulary vocabulary, MergeTable merges, BpeOptions options, (int Left, int Right)[] order)
    {
        (_vocabulary, _merges, _options, _order) = (vocabulary, merges, options, order);
        _unknown = options.UnknownToken is { } unknown ? Id(unknown) : NoToken;
        for (int i = 0; i < 256; i++)
        {
            _bytePieces[i] = Id($"<0x{i:X2}>");
            _byteLetters[i] = Id(ByteLetters.Of((byte)i).ToString());
        }
    }

    /// <summary>A model from its merges, the earliest first.</summary>
    public static BpeModel FromMerges(Vocabulary vocabulary, IReadOnlyList<(int Left, int Right, int Merged)> merges, BpeOptions options)
    {
        var table = new MergeTable(merges.Count);
        for (int rank = 0; rank < merges.Count; rank++) table.Add(merges[rank].Left, merges[rank].Right, rank, merges[rank].Merged);
        return new BpeModel(vocabulary, table, options, [.. merges.Select(merge => (merge.Left, merge.Right))]);
    }

    /// <summary>A model whose tokens merge by score, the highest first: two neighbours merge where together they are a token.</summary>
    /// <param name="vocabulary">All tokens.</param>
    /// <param name="scores">The scores of the tokens that take part in merging.</param>
    /// <param name="options">What it does beside merging.</param>
    public static BpeModel FromScores(Vocabulary vocabulary, IReadOnlyDictionary<string, float> scores, BpeOptions options)
    {
        var merges = new List<(int Left, int Right, int Merged, float Score)>();
        foreach ((string token, float score) in scores)
            for (int cut = 1; cut < token.Length; cut++)
                if (!char.IsLowSurrogate(token[cut]) && scores.ContainsKey(token[..cut]) && scores.ContainsKey(token[cut..]))
                    merges.Add((vocabulary.IdOf(token.AsSpan(0, cut)), vocabulary.IdOf(token.AsSpan(cut)), vocabulary.IdOf(token), score));

        // Within one score the order is free, as equal scores share a rank; ids make the written file the same each time.
        merges.Sort((a, b) => (b.Score, a.Left, a.Right).CompareTo((a.Score, b.Left, b.Right)));
        var table = new MergeTable(merges.Count);
        int rank = 0;
        for (int i = 0; i < merges.Count; i++)
        {
            if (i > 0 && merges[i].Score != merges[i - 1].Score) rank++;
            table.Add(merges[i].Left, merges[i].Right, rank, merges[i].Merged);
        }
        return new BpeModel(vocabulary, table, options, [.. merges.Select(merge => (merge.Left, merge.Right))]);
    }

    public override int Size => _vocabulary.Size;

    public override int? TokenToId(string token) => _vocabulary.IdOf(token) is var id && id == NoToken ? null : id;

    public override string? IdToToken(int id) => _vocabulary.TokenOf(id);

    public override void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        if (_cache.TryGet(word, out int[] known)) ids.AddRange(known);
        else ids.AddRange(Remember(_cache, word, EncodeCharacters(word)));
    }

    public override void EncodeBytes(ReadOnlySpan<char> word, List<int> ids)
    {
        if (_byteCache.TryGet(word, out int[] known)) ids.AddRange(known);
        else ids.AddRange(Remember(_byteCache, word, EncodeByteLetters(word)));
    }

    public override JsonObject ToJson() => new()
    {
        ["type"] = "BPE",
        ["dropout"] = null,
        ["unk_token"] = _options.UnknownToken,
        ["continuing_subword_prefix"] = _options.ContinuingPrefix.Length > 0 ? _options.ContinuingPrefix : null,
        ["end_of_word_suffix"] = _options.EndOfWordSuffix.Length > 0 ? _options.EndOfWordSuffix : null,
        ["fuse_unk"] = _options.FuseUnknown,
        ["byte_fallback"] = _options.ByteFallback,
        ["ignore_merges"] = _options.IgnoreMerges,
        ["vocab"] = _vocabulary.ToJson(),
        ["merges"] = new JsonArray([.. _order.Select(pair => new JsonArray(IdToToken(pair.Left), IdToToken(pair.Right)))]),
    };

    private static int[] Remember(WordCache cache, ReadOnlySpan<char> word, int[] ids)
    {
        cache.Add(word, ids);
        return ids;
    }

    private int[] EncodeByteLetters(ReadOnlySpan<char> word)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        try
        {
            ReadOnlySpan<byte> used = bytes.AsSpan(0, Encoding.UTF8.GetBytes(word, bytes));
            bool plain = _options is { IgnoreMerges: false, ContinuingPrefix: "", EndOfWordSuffix: "" };
            if (plain)
            {
                var symbols = new int[used.Length];
                for (int i = 0; i < used.Length; i++) plain &= (symbols[i] = _byteLetters[used[i]]) != NoToken;
                if (plain) return Merged(symbols);
            }
            return EncodeCharacters(ByteLetters.Write(used));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private int[] EncodeCharacters(ReadOnlySpan<char> word)
    {
        if (_options.IgnoreMerges && _vocabulary.IdOf(word) is var whole && whole != NoToken) return [whole];

        var symbols = new List<int>(word.Length);
        bool inUnknown = false;
        for (int i = 0; i < word.Length;)
        {
            CodePoint.At(word, i, out int length);
            ReadOnlySpan<char> letter = word.Slice(i, length);
            int id = SymbolId(letter, first: i == 0, last: i + length == word.Length);
            i += length;
            if (id != NoToken) symbols.Add(id);
            else if (_options.ByteFallback && TryAddBytes(letter, symbols)) { }
            else if (_unknown != NoToken)
            {
                if (!(inUnknown && _options.FuseUnknown)) symbols.Add(_unknown);
                inUnknown = true;
                continue;
            }
            inUnknown = false;
        }
        return Merged([.. symbols]);
    }

    private int SymbolId(ReadOnlySpan<char> letter, bool first, bool last)
    {
        if (_options is { ContinuingPrefix: "", EndOfWordSuffix: "" }) return _vocabulary.IdOf(letter);
        return _vocabulary.IdOf(string.Concat(first ? "" : _options.ContinuingPrefix, letter, last ? _options.EndOfWordSuffix : ""));
    }

    private bool TryAddBytes(ReadOnlySpan<char> letter, List<int> symbols)
    {
        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..Encoding.UTF8.GetBytes(letter, bytes)];
        foreach (byte value in bytes)
            if (_bytePieces[value] == NoToken) return false;
        foreach (byte value in bytes) symbols.Add(_bytePieces[value]);
        return true;
    }

    private int[] Merged(int[] symbols)
    {
        int count = PairMerging.Merge(_merges, symbols);
        return count == symbols.Length ? symbols : symbols[..count];
    }

    private int Id(string token) => _vocabulary.IdOf(token);
}
