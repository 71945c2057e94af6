using Leftover.Tokenization.Files;

namespace Leftover.Tokenization;

/// <summary>Turns text into token ids and back. Safe to use from many threads at once.</summary>
public abstract class Tokenizer
{
    /// <summary>One more than the highest token id, added tokens included; in tokens.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The token that begins a sequence, or null where the tokenizer names none.</summary>
    public abstract int? BeginOfSequence { get; }

    /// <summary>The token that ends a sequence, or null where the tokenizer names none.</summary>
    public abstract int? EndOfSequence { get; }

    /// <summary>The token that fills up short rows, or null where the tokenizer names none. It may be the same id as <see cref="EndOfSequence"/>.</summary>
    public abstract int? Pad { get; }

    /// <summary>All ids that end a reply: the end of sequence, those of the generation settings, and the known ends of a chat turn.</summary>
    public abstract IReadOnlyCollection<int> EndOfGeneration { get; }

    /// <summary>The ids that <see cref="Encode"/> puts before a text when it adds special tokens; often empty, or the begin of sequence.</summary>
    public abstract IReadOnlyList<int> LeadingSpecialTokens { get; }

    /// <summary>True where a blank is put before a text that starts without one, as Llama 2's tokenizer does.</summary>
    public abstract bool AddsLeadingBlank { get; }

    /// <summary>The source of the chat template the tokenizer came with (Jinja), or null.</summary>
    public abstract string? ChatTemplate { get; }

    /// <summary>A hash (SHA-256, in hex) of all that decides which ids a text gets; results of one tokenizer must not be used with another.</summary>
    public abstract string Fingerprint { get; }

    /// <summary>The ids of <paramref name="text"/>. Added and special tokens written out in the text become their ids.</summary>
    /// <param name="text">Any text; an unpaired surrogate is read as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether to add what the tokenizer puts around a text, such as a begin of sequence.</param>
    public abstract int[] Encode(string text, bool addSpecialTokens = false);

    /// <summary>The ids of <paramref name="text"/> read as plain characters: a special token written out in it is spelled like any other word.</summary>
    public abstract int[] EncodeOrdinary(string text);

    /// <summary>The text of the ids; ids outside the vocabulary are left out, broken UTF-8 becomes U+FFFD.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public abstract string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true);

    /// <summary>The token of an id, as it stands in the vocabulary (a byte-level tokenizer writes a blank as "Ġ").</summary>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    public abstract string IdToToken(int id);

    /// <summary>The id of a token as it stands in the vocabulary, or null where there is none.</summary>
    public abstract int? TokenToId(string token);

    /// <summary>Whether the id is a special token: one that <see cref="Decode"/> can leave out.</summary>
    public abstract bool IsSpecial(int id);

    /// <summary>Writes tokenizer.json and its companions (tokenizer_config.json, special_tokens_map.json, chat_template.jinja), which <see cref="Load"/> and Hugging Face's library read to the same ids.</summary>
    /// <param name="folder">The folder to write to; it is made where it is missing, files of these names are replaced.</param>
    public abstract void Save(string folder);

    /// <summary>Reads the tokenizer of a model: a folder with tokenizer.json, or vocab.json and merges.txt (GPT-2's encoder.json and vocab.bpe too), or tokenizer.model, each perhaps gzipped; or a GGUF file, or a folder with nothing but one.</summary>
    /// <exception cref="Data.DataException">There is none, it is malformed, or it needs a part that is not built.</exception>
    public static Tokenizer Load(string folder) => TokenizerLoader.Load(folder);

    /// <summary>Makes the tokenizer that a GGUF file's metadata describes.</summary>
    /// <param name="metadata">The file's metadata: its keys and values, arrays as <c>string[]</c>, <c>float[]</c>, <c>int[]</c> and so on.</param>
    /// <exception cref="Data.DataException">A key is missing or malformed, or the tokenizer is of a kind that is not built.</exception>
    public static Tokenizer FromGguf(IReadOnlyDictionary<string, object> metadata) => GgufTokenizer.Read(metadata);
}
