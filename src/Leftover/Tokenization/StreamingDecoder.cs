namespace Leftover.Tokenization;

/// <summary>Text out of one token after the other: a piece that ends inside a character waits for the rest of it.</summary>
/// <param name="tokenizer">Whose tokens they are.</param>
/// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
public sealed class StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens = true)
{
    // The tokens of the last piece are kept and decoded again with the new ones: what a token looks like may depend on whether it is the first.
    private readonly List<int> _ids = [];
    private string _shown = "";
    private int _shownIds;

    /// <summary>Takes the next token.</summary>
    /// <returns>The text that is now complete, or null where there is none yet.</returns>
    public string? Push(int id)
    {
        _ids.Add(id);
        string text = Decode();
        if (text.Length <= _shown.Length || text[^1] == '\uFFFD') return null;
        return Show(text);
    }

    /// <summary>What is still waiting, with U+FFFD for unfinished characters, or an empty text; the decoder then starts anew.</summary>
    public string Flush()
    {
        string text = Decode();
        string rest = text.Length > _shown.Length ? text[_shown.Length..] : "";
        _ids.Clear();
        (_shown, _shownIds) = ("", 0);
        return rest;
    }

    private string Show(string text)
    {
        string piece = text[_shown.Length..];
        int newIds = _ids.Count - _shownIds;
        _ids.RemoveRange(0, _shownIds);
        (_shown, _shownIds) = (Decode(), newIds);
        return piece;
    }

    private string Decode() => tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids), skipSpecialTokens);
}
