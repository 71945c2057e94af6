using System.Text.Json;
using Leftover.Tests.Golden;

namespace Leftover.Tests.Rewards.Text;

/// <summary>Golden cases of the form <c>{texts: [{text}], expected: […]}</c>, with one expectation a text.</summary>
internal static class TextCases
{
    public static IEnumerable<(string Text, JsonElement Expected)> Of(string file, int index, string? part = null)
    {
        JsonElement golden = GoldenCases.Case(file, index), expected = golden.GetProperty("expected");
        if (part is not null) expected = expected.GetProperty(part);
        Assert.Equal(golden.GetProperty("texts").GetArrayLength(), expected.GetArrayLength());
        return Texts(file, index).Zip(expected.EnumerateArray().ToArray());
    }

    public static string[] Texts(string file, int index) =>
        [.. GoldenCases.Case(file, index).GetProperty("texts").EnumerateArray().Select(x => x.GetProperty("text").GetString()!)];
}
