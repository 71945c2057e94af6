using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Leftover.Algorithms;

namespace Leftover.Tests.Docs;

/// <summary>docs/papers.md: every objective has its row, and the tests that it names are there.</summary>
public class PapersTests
{
    private static readonly DocumentPage s_page = new("docs", "papers.md");

    [Fact]
    public void Every_objective_has_a_row()
    {
        IEnumerable<string> names = typeof(Algorithm).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(known => known.TypeDiscriminator!.ToString()!);
        Assert.All(names, name => Assert.Contains($"\n| `{name}` |", s_page.Text));
    }

    [Fact]
    public void Every_test_class_that_it_names_is_there()
    {
        IEnumerable<string> there = Directory.EnumerateFiles(Path.Combine(DocumentPage.Repository, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(file => Path.GetFileNameWithoutExtension(file));
        IEnumerable<string> named = Regex.Matches(s_page.Text, @"`(\w+Tests)`").Select(match => match.Groups[1].Value);
        Assert.Empty(named.Distinct().Except(there));
    }
}
