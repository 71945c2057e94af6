using System.Runtime.InteropServices;

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
        string text = Decode(0);
        if (text.Length <= _shown.Length || text[^1] == '\uFFFD') return null;

        string piece = New(text);
        int newIds = _ids.Count - _shownIds;
        _ids.RemoveRange(0, _shownIds);
        (_shown, _shownIds) = (Decode(0), newIds);
        return piece;
    }

    /// <summary>What is still waiting, with U+FFFD for unfinished characters, or an empty text; the decoder then starts anew.</summary>
    public string Flush()
    {
        string text = Decode(0);
        string rest = text.Length > _shown.Length ? New(text) : "";
        _ids.Clear();
        (_shown, _shownIds) = ("", 0);
        return rest;
    }

    // A broken byte can change how the bytes before it read, which have been shown: then the new tokens are read on their own.
    private string New(string text) => text.StartsWith(_shown, StringComparison.Ordinal) ? text[_shown.Length..] : Decode(_shownIds);

    private string Decode(int from) => tokenizer.Decode(CollectionsMarshal.AsSpan(_ids)[from..], skipSpecialTokens);
}
