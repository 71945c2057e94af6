using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Turns one word into token ids.</summary>
internal abstract class TokenModel
{
    /// <summary>One more than the model's highest id.</summary>
    public abstract int Size { get; }

    public abstract int? TokenToId(string token);

    /// <summary>The token of an id, or null where the model has none.</summary>
    public abstract string? IdToToken(int id);

    /// <summary>Appends the ids of a word given as characters.</summary>
    public abstract void Encode(ReadOnlySpan<char> word, List<int> ids);

    /// <summary>Appends the ids of a word whose UTF-8 bytes, written as byte letters, are what tokens are made of.</summary>
    public virtual void EncodeBytes(ReadOnlySpan<char> word, List<int> ids)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        int count = Encoding.UTF8.GetBytes(word, bytes);
        Encode(ByteLetters.Write(bytes.AsSpan(0, count)), ids);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>The component as tokenizer.json has it.</summary>
    public abstract JsonObject ToJson();
}
