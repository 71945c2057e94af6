using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Leftover.Tokenization;

namespace Leftover.Data;

/// <summary>Which prompts are the same.</summary>
internal static class PromptIdentity
{
    /// <summary>A hash of roles and contents: the same for the same turns only.</summary>
    public static string Group(IReadOnlyList<ChatMessage> prompt) => Convert.ToHexStringLower(Hash(prompt, text => text).AsSpan(0, 12));

    /// <summary>The same for prompts that differ in white space alone: such a prompt would be no news to a policy.</summary>
    public static string Leakage(IReadOnlyList<ChatMessage> prompt) =>
        Convert.ToHexStringLower(Hash(prompt, text => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).AsSpan(0, 16));

    /// <summary>A number that follows from the prompt alone, on every machine; of text without a prompt, from the text: the first 8 bytes of SHA-256.</summary>
    public static ulong Number(Example example)
    {
        IReadOnlyList<ChatMessage> turns = example.Prompt.Count > 0 ? example.Prompt : [new ChatMessage("text", example.Completion)];
        return BinaryPrimitives.ReadUInt64LittleEndian(Hash(turns, text => text));
    }

    private static byte[] Hash(IReadOnlyList<ChatMessage> prompt, Func<string, string> view)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ChatMessage turn in prompt)
        {
            // Neither a role nor a content holds a 0 byte that ends it, so no two lists of turns give the same bytes.
            hash.AppendData(Encoding.UTF8.GetBytes(turn.Role + "\0"));
            hash.AppendData(Encoding.UTF8.GetBytes(view(turn.Content).Replace("\0", "\0\0", StringComparison.Ordinal) + "\0\u0001"));
        }

        return hash.GetHashAndReset();
    }
}
