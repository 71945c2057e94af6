using System.Text;

namespace Leftover.Data;

/// <summary>Other tools write NaN and Infinity into JSON, which has no such tokens.</summary>
internal static class NonFiniteTokens
{
    private static readonly string[] _tokens = ["NaN", "-Infinity", "Infinity", "nan", "-inf", "inf"];

    /// <summary>The line with such tokens, outside of texts, as texts; null where there are none.</summary>
    public static string? Quote(string line)
    {
        StringBuilder quoted = new(line.Length + 16);
        bool isInText = false, isChanged = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"') isInText = !isInText;
            if (isInText && c == '\\' && i + 1 < line.Length)
            {
                quoted.Append(c).Append(line[++i]);
                continue;
            }

            string? token = isInText ? null : _tokens.FirstOrDefault(t => line.AsSpan(i).StartsWith(t, StringComparison.Ordinal));
            if (token is null)
            {
                quoted.Append(c);
                continue;
            }

            quoted.Append('"').Append(token).Append('"');
            i += token.Length - 1;
            isChanged = true;
        }

        return isChanged ? quoted.ToString() : null;
    }
}
