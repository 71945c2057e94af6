using System.Text;
using Leftover.Tokenization.Files;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization;

/// <summary>Trains a byte-level BPE tokenizer, which can spell any text. The same texts and settings give the same tokenizer.</summary>
public sealed class ByteLevelBpeTrainer
{
    /// <summary>How many tokens to stop at, special tokens and bytes included. Default 8192.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>How often a pair must be seen to be merged; at least 1. Default 2.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>Tokens to put first, never split and left out where text is decoded. Default the end of text alone.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<|endoftext|>"];

    /// <summary>The special token that ends a sequence; default the first of <see cref="SpecialTokens"/>.</summary>
    public string? EndOfSequence { get; init; }

    /// <summary>The special token that begins a sequence, or null. It is not added to texts by itself. Default null.</summary>
    public string? BeginOfSequence { get; init; }

    /// <summary>The special token that fills up short rows, or null. Default null.</summary>
    public string? Pad { get; init; }

    /// <summary>Whether all 256 bytes are tokens, seen or not; else a byte that was not seen cannot be spelled and is dropped. Default true.</summary>
    public bool AllBytes { get; init; } = true;

    /// <summary>How many bytes to keep as tokens at most, the most frequent ones; null for no limit. Default null.</summary>
    public int? AlphabetLimit { get; init; }

    /// <summary>Whether each digit stands alone, as in SmolLM2's tokenizer. Default false.</summary>
    public bool SplitDigits { get; init; }

    /// <summary>Trains a tokenizer.</summary>
    /// <param name="texts">The texts; each is split into words on its own.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <exception cref="ArgumentException">A setting is out of its range, or a named token is not among the special ones.</exception>
    public Tokenizer Train(IEnumerable<string> texts, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Check();
        PreTokenizer preTokenizer = SplitDigits ? ByteLevelLayout.DigitsThenGpt2 : ByteLevelLayout.Gpt2;
        BpeTraining training = BpeTraining.Learn(
            CountWords(texts, preTokenizer, cancellation), VocabularySize, MinFrequency, SpecialTokens,
            AllBytes ? Enumerable.Range(0, 256).Select(value => ByteLetters.Of((byte)value).ToString()) : [], AlphabetLimit, cancellation);

        var vocabulary = new Vocabulary(training.Tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id, StringComparer.Ordinal));
        var parts = new TokenizerParts(BpeModel.FromMerges(vocabulary, training.Merges, new BpeOptions()))
        {
            AddedTokens = [.. SpecialTokens.Distinct().Select((token, id) => new AddedToken(id, token, Special: true))],
            PreTokenizer = preTokenizer,
            Decoder = new ByteLevelDecoder(),
        };
        return new PipelineTokenizer(parts, new TokenizerSettings
        {
            BeginOfSequence = BeginOfSequence,
            EndOfSequence = EndOfSequence ?? (SpecialTokens.Count > 0 ? SpecialTokens[0] : null),
            Pad = Pad,
        });
    }

    private static Dictionary<string, long> CountWords(IEnumerable<string> texts, PreTokenizer preTokenizer, CancellationToken cancellation)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var words = new List<Piece>();
        foreach (string text in texts)
        {
            cancellation.ThrowIfCancellationRequested();
            words.Clear();
            preTokenizer.Split(new Piece(text, atStart: true), words);
            foreach (Piece word in words) bySpan[word.Span] = bySpan.TryGetValue(word.Span, out long count) ? count + 1 : 1;
        }
        return counts.ToDictionary(pair => ByteLetters.Write(Encoding.UTF8.GetBytes(pair.Key)), pair => pair.Value, StringComparer.Ordinal);
    }

    private void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(VocabularySize, 1, nameof(VocabularySize));
        ArgumentOutOfRangeException.ThrowIfLessThan(MinFrequency, 1, nameof(MinFrequency));
        if (AlphabetLimit is { } limit) ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(AlphabetLimit));
        foreach (string? token in (string?[])[BeginOfSequence, EndOfSequence, Pad])
            if (token is not null && !SpecialTokens.Contains(token)) throw new ArgumentException($"The token \"{token}\" is not among the special tokens ({string.Join(", ", SpecialTokens)}); add it to them.");
    }
}
