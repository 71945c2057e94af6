using System.Text;

namespace Leftover.Tokenization.Pipeline;

/// <summary>GPT-2's spelling of bytes: each of the 256 bytes is a visible letter, so that a token is always readable text.</summary>
/// <remarks>Printable Latin-1 characters stand for themselves; the other 68 bytes, in order, are U+0100 and up (a blank is "Ġ").</remarks>
internal static class ByteLetters
{
    private static readonly char[] s_letters = Letters();
    private static readonly short[] s_bytes = Bytes();

    /// <summary>The letter of a byte.</summary>
    public static char Of(byte value) => s_letters[value];

    /// <summary>The byte a letter stands for, or -1.</summary>
    public static int ByteOf(char letter) => letter < s_bytes.Length ? s_bytes[letter] : -1;

    /// <summary>The bytes as letters.</summary>
    public static string Write(ReadOnlySpan<byte> bytes) =>
        string.Create(bytes.Length, bytes, static (letters, source) =>
        {
            for (int i = 0; i < letters.Length; i++) letters[i] = s_letters[source[i]];
        });

    /// <summary>The bytes a token stands for: those of its letters, or its own UTF-8 where a character of it is no byte letter.</summary>
    public static byte[] Read(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            int value = ByteOf(token[i]);
            if (value < 0) return Encoding.UTF8.GetBytes(token);
            bytes[i] = (byte)value;
        }
        return bytes;
    }

    private static char[] Letters()
    {
        var letters = new char[256];
        int other = 0;
        for (int i = 0; i < 256; i++)
            letters[i] = i is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)i : (char)(0x100 + other++);
        return letters;
    }

    private static short[] Bytes()
    {
        var bytes = new short[0x100 + 68];
        bytes.AsSpan().Fill(-1);
        for (int i = 0; i < 256; i++) bytes[s_letters[i]] = (short)i;
        return bytes;
    }
}
