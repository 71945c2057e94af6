namespace Leftover.Tests.Docs;

/// <summary>Lines of a source file that a page shows: those between <c>// snippet: NAME</c> and <c>// end</c>.</summary>
internal static class SourceSnippet
{
    /// <summary>The lines, less their common indentation; parts of the same name follow each other after a blank line.</summary>
    public static string Read(string file, string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(DocumentPage.Repository, "tests", "Leftover.Tests", "Docs", file));
        List<string> parts = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim() != $"// snippet: {name}") continue;
            int end = Array.FindIndex(lines, i, line => line.Trim() == "// end");
            Assert.True(end > i, $"{file}: the snippet '{name}' has no end.");
            parts.Add(WithoutIndentation(lines[(i + 1)..end]));
        }
        Assert.True(parts.Count > 0, $"{file} has no snippet '{name}'.");
        return string.Join("\n", parts);
    }

    private static string WithoutIndentation(string[] lines)
    {
        int indentation = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Concat(lines.Select(line => (line.Length == 0 ? "" : line[indentation..]) + "\n"));
    }
}
