using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Leftover.Runs;

/// <summary>SHA-256 of what a result depends on: the address under which it is kept, so that a changed input never meets a stale result.</summary>
public static class ContentHash
{
    /// <summary>Characters of <see cref="Key"/>: 64 bits, enough for any number of results that one cache will hold.</summary>
    public const int KeyLength = 16;

    /// <summary>A file's hash, 64 hexadecimal characters in lower case; it is read in pieces.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static string OfFile(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>A text's hash over its UTF-8 bytes, 64 hexadecimal characters in lower case.</summary>
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>A short key of named values, fit for a folder's name; their order does not matter.</summary>
    /// <param name="values">Everything the result depends on: hashes of files, options, the version.</param>
    /// <returns><see cref="KeyLength"/> hexadecimal characters in lower case.</returns>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public static string Key(IEnumerable<KeyValuePair<string, string>> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string? before = null;
        foreach ((string name, string value) in values.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (name == before) throw new ArgumentException($"The name '{name}' occurs twice among the values of a key.", nameof(values));
            Append(hash, name);
            Append(hash, value);
            before = name;
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..KeyLength];
    }

    // The length first, so that ("ab", "c") and ("a", "bc") differ.
    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
