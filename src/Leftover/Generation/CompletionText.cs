using System.Text;
using Leftover.Tokenization;

namespace Leftover.Generation;

/// <summary>A completion's text as it grows: it looks for stop strings and gives out only what can no longer change.</summary>
internal sealed class CompletionText(Tokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly StreamingDecoder _decoder = new(tokenizer);
    private readonly StringBuilder _text = new();
    private readonly int _longest = stops.Count == 0 ? 0 : stops.Max(stop => stop.Length);
    private int _given;
    private bool _complete;

    /// <summary>The text, cut before a stop string; whole once <see cref="Complete"/> was called.</summary>
    public string Text => _text.ToString();

    /// <summary>Adds a token.</summary>
    /// <returns>True where a stop string appeared: the text ends before it.</returns>
    public bool Add(int token)
    {
        string? piece = _decoder.Push(token);
        return piece is not null && Append(piece);
    }

    /// <summary>Says that no token follows.</summary>
    public void Complete()
    {
        if (!_complete) Append(_decoder.Flush());
        _complete = true;
    }

    /// <summary>What is new and can no longer change: nothing that may be the beginning of a stop string.</summary>
    public string TakeNew()
    {
        int end = _complete ? _text.Length : _text.Length - Pending();
        if (end <= _given) return "";
        string piece = _text.ToString(_given, end - _given);
        _given = end;
        return piece;
    }

    private bool Append(string piece)
    {
        int from = Math.Max(0, _text.Length - _longest + 1);        // where a stop string that ends in the piece can begin
        _text.Append(piece);
        if (_longest == 0) return false;
        string tail = _text.ToString(from, _text.Length - from);
        int first = stops.Select(stop => tail.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (first < 0) return false;
        _text.Length = from + first;
        return _complete = true;
    }

    /// <summary>Characters at the end that a stop string begins with.</summary>
    private int Pending()
    {
        string tail = _text.ToString(Math.Max(0, _text.Length - _longest), Math.Min(_text.Length, _longest));
        for (int length = tail.Length; length > 0; length--)
        {
            if (stops.Any(stop => stop.Length > length && stop.AsSpan().StartsWith(tail.AsSpan(tail.Length - length), StringComparison.Ordinal))) return length;
        }
        return 0;
    }
}
