using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Tokens and their ids; ids may have gaps.</summary>
internal sealed class Vocabulary
{
    /// <summary>Ids above this are taken for damage, not for tokens.</summary>
    public const int HighestId = (1 << 22) - 1;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly string?[] _tokens;

    /// <param name="ids">The id of each token; none is negative.</param>
    public Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new string?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach ((string token, int id) in ids) _tokens[id] = token;
    }

    /// <summary>One more than the highest id.</summary>
    public int Size => _tokens.Length;

    /// <summary>How many tokens there are.</summary>
    public int Count => _ids.Count;

    /// <summary>The id of a token, or -1.</summary>
    public int IdOf(ReadOnlySpan<char> token) => _bySpan.TryGetValue(token, out int id) ? id : -1;

    /// <summary>The token of an id, or null.</summary>
    public string? TokenOf(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        for (int id = 0; id < _tokens.Length; id++)
            if (_tokens[id] is { } token) json[token] = id;
        return json;
    }
}
