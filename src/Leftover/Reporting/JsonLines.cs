namespace Leftover.Reporting;

/// <summary>The lines of a JSON Lines file that a run wrote.</summary>
internal static class JsonLines
{
    /// <summary>Its lines with their numbers, from 1; empty ones are left out, and so is a last line without an end, which a run that was stopped may leave.</summary>
    public static IEnumerable<(int Number, string Json)> Read(string path)
    {
        string text = File.ReadAllText(path);
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)                     // what follows the last line's end is no line
            if (!string.IsNullOrWhiteSpace(lines[i])) yield return (i + 1, lines[i]);
    }
}
