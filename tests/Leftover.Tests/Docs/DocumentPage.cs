using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Leftover.Tests.Docs;

/// <summary>A page of documentation and its fenced blocks, each named by the comment before it: <c>&lt;!-- snippet: read --&gt;</c>, <c>output</c> or <c>input</c>.</summary>
internal sealed partial class DocumentPage
{
    private readonly string _path;
    private string _text;

    /// <param name="parts">The page's path from the repository's root.</param>
    public DocumentPage(params string[] parts)
    {
        _path = Path.Combine([Repository, .. parts]);
        _text = File.ReadAllText(_path).ReplaceLineEndings("\n");
    }

    /// <summary>The repository's root.</summary>
    public static string Repository { get; } = RootOf();

    /// <summary>The whole page.</summary>
    public string Text => _text;

    /// <summary>What stands outside all fenced blocks.</summary>
    public string Prose => Fence().Replace(_text, "");

    /// <summary>The names of all blocks of a kind, in their order.</summary>
    public IReadOnlyList<string> Names(string kind) => [.. NamedBlock().Matches(_text).Where(m => m.Groups["kind"].Value == kind).Select(m => m.Groups["name"].Value)];

    /// <summary>A block's lines.</summary>
    public string Block(string kind, string name)
    {
        Match[] found = [.. NamedBlock().Matches(_text).Where(m => m.Groups["kind"].Value == kind && m.Groups["name"].Value == name)];
        Assert.True(found.Length == 1, $"{_path} has {found.Length} blocks marked <!-- {kind}: {name} -->; there must be one.");
        return found[0].Groups["text"].Value;
    }

    /// <summary>The file for those who change what a page shows: with LEFTOVER_UPDATE_DOCS=1 the page takes over what was computed, and the change is read in the diff.</summary>
    public static bool Updates => Environment.GetEnvironmentVariable("LEFTOVER_UPDATE_DOCS") == "1";

    /// <summary>Replaces a block's lines in the file.</summary>
    public void Update(string kind, string name, string text)
    {
        Group old = NamedBlock().Matches(_text).Single(m => m.Groups["kind"].Value == kind && m.Groups["name"].Value == name).Groups["text"];
        _text = _text[..old.Index] + text + _text[(old.Index + old.Length)..];
        File.WriteAllText(_path, _text);
    }

    private static string RootOf([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(@"<!-- (?<kind>snippet|output|input): (?<name>[\w-]+) -->\n```\w*\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex NamedBlock();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
