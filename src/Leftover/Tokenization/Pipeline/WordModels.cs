using System.Text.Json.Nodes;
using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Pipeline;

/// <summary>A model that looks words or parts of words up in its vocabulary.</summary>
internal abstract class LookupModel(Vocabulary vocabulary, string unknownToken) : TokenModel
{
    protected Vocabulary Vocabulary { get; } = vocabulary;

    /// <summary>The unknown token's id.</summary>
    protected int Unknown { get; } = vocabulary.IdOf(unknownToken);

    public override int Size => Vocabulary.Size;

    public override int? TokenToId(string token) => Vocabulary.IdOf(token) is >= 0 and int id ? id : null;

    public override string? IdToToken(int id) => Vocabulary.TokenOf(id);
}

/// <summary>Whole words.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, string unknownToken) : LookupModel(vocabulary, unknownToken)
{
    private readonly string _unknownToken = unknownToken;

    public override void Encode(ReadOnlySpan<char> word, List<int> ids) => ids.Add(Vocabulary.IdOf(word) is >= 0 and int id ? id : Unknown);

    public override JsonObject ToJson() => new() { ["type"] = "WordLevel", ["vocab"] = Vocabulary.ToJson(), ["unk_token"] = _unknownToken };
}

/// <summary>WordPiece: the longest known part first, then the longest that continues it; a word with an unknown part is unknown as a whole.</summary>
/// <remarks>Wu et al. 2016, arXiv:1609.08144, §4.1, with BERT's greedy search.</remarks>
internal sealed class WordPieceModel(Vocabulary vocabulary, string unknownToken, string continuingPrefix, int longestWord) : LookupModel(vocabulary, unknownToken)
{
    private readonly string _unknownToken = unknownToken;
    private readonly WordCache _cache = new();

    public override void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        if (!_cache.TryGet(word, out int[] known)) _cache.Add(word, known = Parts(word));
        ids.AddRange(known);
    }

    public override JsonObject ToJson() => new()
    {
        ["type"] = "WordPiece",
        ["unk_token"] = _unknownToken,
        ["continuing_subword_prefix"] = continuingPrefix,
        ["max_input_chars_per_word"] = longestWord,
        ["vocab"] = Vocabulary.ToJson(),
    };

    private int[] Parts(ReadOnlySpan<char> word)
    {
        int letters = 0;
        for (int i = 0; i < word.Length; letters++)
        {
            CodePoint.At(word, i, out int length);
            i += length;
        }
        if (letters > longestWord) return [Unknown];

        var parts = new List<int>();
        for (int start = 0; start < word.Length;)
        {
            int end = word.Length, id = -1;
            while (end > start && (id = Part(word[start..end], continues: start > 0)) < 0)
            {
                CodePoint.Before(word, end, out int length);
                end -= length;
            }
            if (id < 0) return [Unknown];
            parts.Add(id);
            start = end;
        }
        return [.. parts];
    }

    private int Part(ReadOnlySpan<char> part, bool continues) => Vocabulary.IdOf(continues ? string.Concat(continuingPrefix, part) : part);
}
