using Leftover.Tokenization;

namespace Leftover.Tests.Generation;

/// <summary>A tokenizer of the simplest kind: an id is a character from 'A' on; the id 60 is special and has no text.</summary>
internal sealed class LetterTokenizer(int size = 61) : Tokenizer
{
    public const int Special = 60;

    public override int VocabularySize => size;
    public override int? BeginOfSequence => null;
    public override int? EndOfSequence => Special;
    public override int? Pad => null;
    public override IReadOnlyCollection<int> EndOfGeneration => [Special];
    public override IReadOnlyList<int> LeadingSpecialTokens => [];
    public override bool AddsLeadingBlank => false;
    public override string? ChatTemplate => null;
    public override string Fingerprint => $"letters {size}";
    public override int[] Encode(string text, bool addSpecialTokens = false) => [.. text.Select(letter => letter - 'A')];
    public override int[] EncodeOrdinary(string text) => Encode(text);
    public override string IdToToken(int id) => ((char)('A' + id)).ToString();
    public override int? TokenToId(string token) => token[0] - 'A';
    public override bool IsSpecial(int id) => id == Special;
    public override void Save(string folder) => File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{}");

    public override string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var text = new System.Text.StringBuilder();
        foreach (int id in ids)
        {
            if (!IsSpecial(id) || !skipSpecialTokens) text.Append((char)('A' + id));
        }
        return text.ToString();
    }
}
