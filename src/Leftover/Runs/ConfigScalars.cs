using System.Globalization;

namespace Leftover.Runs;

/// <summary>How the plain texts of a recipe read as numbers and truth values.</summary>
internal static class ConfigScalars
{
    public static bool TryBool(string text, out bool value)
    {
        value = text.ToLowerInvariant() is "true" or "yes" or "on";
        return value || text.ToLowerInvariant() is "false" or "no" or "off";
    }

    /// <summary>Also whole numbers written with an exponent or a point (9e3), and with underscores between digits (9_000).</summary>
    public static bool TryInteger(string text, out long value)
    {
        if (long.TryParse(Plain(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)) return true;
        if (!TryNumber(text, out double number) || number != Math.Floor(number) || Math.Abs(number) >= 1L << 53) return false;
        value = (long)number;
        return true;
    }

    /// <summary>Finite numbers only.</summary>
    public static bool TryNumber(string text, out double value) =>
        double.TryParse(Plain(text), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static string Plain(string text) => text.Length > 0 && char.IsAsciiDigit(text[^1]) ? text.Replace("_", "", StringComparison.Ordinal) : text;
}
