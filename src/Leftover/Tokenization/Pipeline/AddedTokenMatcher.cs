using System.Buffers;
using Leftover.Tokenization.Unicode;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Finds added tokens in a text: from left to right, at each place the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Node _root = new();
    private readonly SearchValues<char> _firstLetters;

    /// <param name="tokens">The tokens, each with the text it is found by; empty texts are never found.</param>
    public AddedTokenMatcher(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        foreach ((string text, AddedToken token) in tokens)
        {
            if (text.Length == 0) continue;
            Node node = _root;
            foreach (char letter in text)
            {
                if (!node.Next.TryGetValue(letter, out Node? next)) node.Next.Add(letter, next = new Node());
                node = next;
            }
            node.Token ??= token;
        }
        _firstLetters = SearchValues.Create([.. _root.Next.Keys]);
    }

    /// <summary>Cuts <paramref name="text"/> into stretches of plain text (no token) and added tokens.</summary>
    public void Cut(string text, List<(int Start, int End, AddedToken? Token)> parts)
    {
        int cut = 0, from = 0;
        while (TryFind(text, from, out int start, out int end, out AddedToken? token))
        {
            from = end;
            if (token.SingleWord && TouchesWord(text, start, end)) continue;
            if (token.StripLeft)
                while (start > cut && char.IsWhiteSpace(text[start - 1])) start--;
            if (token.StripRight)
                while (end < text.Length && char.IsWhiteSpace(text[end])) end++;
            if (cut < start) parts.Add((cut, start, null));
            parts.Add((start, end, token));
            cut = end;
        }
        if (cut < text.Length) parts.Add((cut, text.Length, null));
    }

    private bool TryFind(string text, int from, out int start, out int end, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AddedToken? token)
    {
        for (start = from; start < text.Length; start++)
        {
            int skipped = text.AsSpan(start).IndexOfAny(_firstLetters);
            if (skipped < 0) break;
            start += skipped;
            if (Longest(text, start, out end) is { } found)
            {
                token = found;
                return true;
            }
        }
        (start, end, token) = (text.Length, text.Length, null);
        return false;
    }

    private AddedToken? Longest(string text, int start, out int end)
    {
        AddedToken? longest = null;
        Node node = _root;
        end = start;
        for (int i = start; i < text.Length && node.Next.TryGetValue(text[i], out Node? next); i++)
        {
            node = next;
            if (node.Token is not null) (longest, end) = (node.Token, i + 1);
        }
        return longest;
    }

    private static bool TouchesWord(string text, int start, int end) =>
        (start > 0 && (CodePoint.Kind(CodePoint.Before(text, start, out _)) & CharKind.Word) != 0)
        || (end < text.Length && (CodePoint.KindAt(text, end, out _) & CharKind.Word) != 0);

    private sealed class Node
    {
        public Dictionary<char, Node> Next { get; } = [];
        public AddedToken? Token { get; set; }
    }
}
