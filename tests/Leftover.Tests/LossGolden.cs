using System.Text.Json;
using Leftover.Tests.Golden;

namespace Leftover.Tests;

/// <summary>The cases of one file of golden losses: each is its inputs plus <c>expected</c>.</summary>
internal static class LossGolden
{
    public const double Relative64 = 1e-9, Absolute64 = 1e-12;       // golden/losses/README.md: for double
    public const double Relative32 = 2e-5;                           // and for float

    /// <summary>One row a case, by name; none where the file is missing.</summary>
    public static TheoryData<string> Names(string file)
    {
        var names = new TheoryData<string>();
        string path = PathOf(file);
        if (!File.Exists(path)) return names;
        foreach (JsonElement one in Read(file).GetProperty("cases").EnumerateArray()) names.Add(one.GetProperty("name").GetString()!);
        return names;
    }

    public static JsonElement Case(string file, string name) =>
        Read(file).GetProperty("cases").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);

    public static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllBytes(PathOf(file))).RootElement;

    public static double[] Doubles(this JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetDouble())];

    public static double[] Doubles(this JsonElement one, string property) => one.GetProperty(property).Doubles();

    public static float[] Floats(this JsonElement one, string property) => [.. one.Doubles(property).Select(x => (float)x)];

    public static int[] Ints(this JsonElement one, string property) => [.. one.GetProperty(property).EnumerateArray().Select(x => x.GetInt32())];

    public static bool[] Booleans(this JsonElement one, string property) => [.. one.GetProperty(property).EnumerateArray().Select(x => x.GetBoolean())];

    /// <summary>A matrix, row by row; a vector as it is.</summary>
    public static float[] Flat(this JsonElement array) =>
        [.. array.EnumerateArray().SelectMany(x => x.ValueKind == JsonValueKind.Array ? x.Flat() : [(float)x.GetDouble()])];

    public static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual, string what)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Relative64 * Math.Abs(expected[i]) + Absolute64, $"{what}[{i}]: expected {expected[i]:R}, got {actual[i]:R}.");
    }

    private static string PathOf(string file) => Path.Combine(SharedData.Golden, "losses", file);
}
