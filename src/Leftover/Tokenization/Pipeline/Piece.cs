namespace Leftover.Tokenization.Pipeline;

/// <summary>A stretch of text on its way to becoming tokens.</summary>
/// <param name="Text">The text it lies in.</param>
/// <param name="Start">Where it starts, in UTF-16 units.</param>
/// <param name="Length">How long it is, in UTF-16 units.</param>
/// <param name="AtStart">Whether it is the very start of what the user gave.</param>
internal readonly record struct Piece(string Text, int Start, int Length, bool AtStart)
{
    public Piece(string text, bool atStart) : this(text, 0, text.Length, atStart) { }

    public ReadOnlySpan<char> Span => Text.AsSpan(Start, Length);

    /// <summary>A part of this piece; <paramref name="start"/> counts from the piece's own start.</summary>
    public Piece Slice(int start, int length) => new(Text, Start + start, length, AtStart && start == 0);
}
