using System.Globalization;
using System.Text;

namespace Leftover.Tokenization.Pipeline;

/// <summary>Tokens that stand for one byte, written "&lt;0x0A&gt;".</summary>
internal static class BytePieces
{
    public static string Of(byte value) => $"<0x{value:X2}>";

    /// <summary>The byte a token stands for, or -1 for any other token.</summary>
    public static int ByteOf(string token) =>
        token is ['<', '0', 'x', var high, var low, '>'] && byte.TryParse([high, low], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
            ? value
            : -1;

    /// <summary>Joins each run of byte tokens into text; all else stays as it is.</summary>
    /// <param name="tokens">Tokens.</param>
    /// <param name="read">What the bytes of one run read as.</param>
    public static List<string> Join(List<string> tokens, Func<byte[], string> read)
    {
        var joined = new List<string>(tokens.Count);
        var bytes = new List<byte>();
        foreach (string token in tokens)
        {
            int value = ByteOf(token);
            if (value >= 0)
            {
                bytes.Add((byte)value);
                continue;
            }
            if (bytes.Count > 0) joined.Add(read([.. bytes]));
            bytes.Clear();
            joined.Add(token);
        }
        if (bytes.Count > 0) joined.Add(read([.. bytes]));
        return joined;
    }

    /// <summary>The run as UTF-8, or one U+FFFD for each of its bytes where it is not valid as a whole; Hugging Face's way.</summary>
    public static string ReadWhole(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        return Encoding.UTF8.GetByteCount(text) == bytes.Length && Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(bytes) ? text : new string('\uFFFD', bytes.Length);
    }

    /// <summary>The run as UTF-8 with one U+FFFD for each byte that belongs to no character; SentencePiece's way.</summary>
    public static string ReadEach(byte[] bytes)
    {
        var text = new StringBuilder();
        for (int i = 0; i < bytes.Length;)
        {
            bool valid = Rune.DecodeFromUtf8(bytes.AsSpan(i), out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            text.Append(valid ? rune : Rune.ReplacementChar);
            i += valid ? length : 1;
        }
        return text.ToString();
    }
}
