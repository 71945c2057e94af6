using System.Text.Json;
using Leftover.Tests.Golden;

namespace Leftover.Tests;

/// <summary>The cases of golden files of the form <c>{about, cases: [{name, …, expected}]}</c>, by place, for names may repeat.</summary>
internal static class GoldenCases
{
    public static TheoryData<int, string> Of(string file)
    {
        TheoryData<int, string> rows = [];
        if (!File.Exists(PathOf(file))) return rows;
        int index = 0;
        foreach (JsonElement golden in Read(file).EnumerateArray()) rows.Add(index++, golden.GetProperty("name").GetString()!);
        return rows;
    }

    public static JsonElement Case(string file, int index) => Read(file)[index];

    public static double[] Numbers(this JsonElement golden, string name) => golden.GetProperty(name).Numbers();

    public static double[] Numbers(this JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetDouble())];

    public static int[] Integers(this JsonElement golden, string name) => [.. golden.GetProperty(name).EnumerateArray().Select(x => x.GetInt32())];

    /// <summary>Equal up to a share of the expected value.</summary>
    public static void Close(double expected, double actual, double relative, string what) =>
        Assert.True(expected == actual || Math.Abs(actual - expected) <= relative * Math.Abs(expected), $"{what}: {actual:R}; needed {expected:R} (relative {relative}).");

    public static void Close(double[] expected, double[] actual, double relative, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} values; needed {expected.Length}.");
        for (int i = 0; i < expected.Length; i++) Close(expected[i], actual[i], relative, $"{what} [{i}]");
    }

    public static void Within(double expected, double actual, double absolute, string what) =>
        Assert.True(Math.Abs(actual - expected) <= absolute, $"{what}: {actual:R}; needed {expected:R} ± {absolute}.");

    /// <summary>Fails on an expectation that the test does not know, so that a new one is not passed over.</summary>
    public static InvalidDataException Unknown(string file, string name) => new($"{file}: the expectation '{name}' has no check here; add one.");

    private static JsonElement Read(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(PathOf(file)));
        return document.RootElement.GetProperty("cases").Clone();
    }

    private static string PathOf(string file) => Path.Combine(SharedData.Golden, file);
}
