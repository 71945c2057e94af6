using System.Text.Json;
using Leftover.Tests.Golden;

namespace Leftover.Tests;

/// <summary>The cases of one file of golden losses: each is its inputs plus <c>expected</c>.</summary>
internal static class LossGolden
{
    public const double Relative64 = 1e-9, Absolute64 = 1e-12;       // golden/losses/README.md: for double
    public const double Relative32 = 2e-5;                           // and for float
    private const double SmallestNormal = 1.1754944e-38;             // of single precision; what is below may be 0

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

    public static float[] Floats(this JsonElement array) => [.. array.Doubles().Select(x => (float)x)];

    public static float[] Floats(this JsonElement one, string property) => [.. one.Doubles(property).Select(x => (float)x)];

    public static int[] Ints(this JsonElement one, string property) => [.. one.GetProperty(property).EnumerateArray().Select(x => x.GetInt32())];

    public static bool[] Booleans(this JsonElement one, string property) => [.. one.GetProperty(property).EnumerateArray().Select(x => x.GetBoolean())];

    /// <summary>Fails where a variant has an option that its check does not read: it would be checked as another.</summary>
    public static void AssertKnown(this JsonElement variant, string file, string name, params string[] known)
    {
        string[] unknown = [.. variant.EnumerateObject().Select(property => property.Name).Except(known)];
        if (unknown.Length > 0) throw new InvalidDataException($"{file}: the variant '{name}' has options that no check reads: {string.Join(", ", unknown)}; add them.");
    }

    /// <summary>A matrix, row by row; a vector as it is.</summary>
    public static double[] Flat(this JsonElement array) =>
        [.. array.EnumerateArray().SelectMany(x => x.ValueKind == JsonValueKind.Array ? x.Flat() : [x.GetDouble()])];

    public static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual, string what)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Relative64 * Math.Abs(expected[i]) + Absolute64, $"{what}[{i}]: expected {expected[i]:R}, got {actual[i]:R}.");
    }

    /// <summary>Compares numbers of single precision; what is off is told in <paramref name="problems"/>.</summary>
    /// <param name="rounding">What rounding the inputs to single precision alone may do to a number.</param>
    public static void Compare32(string what, IReadOnlyList<double> expected, float[] actual, List<string> problems, double rounding = 0)
    {
        Assert.Equal(expected.Count, actual.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            double error = Math.Abs(expected[i] - actual[i]), allowed = Relative32 * Math.Abs(expected[i]) + SmallestNormal + rounding;
            if (!(error <= allowed)) problems.Add($"{what}[{i}]: expected {expected[i]:R}, got {actual[i]:R}, off by {error / Math.Abs(expected[i]):E1}.");
        }
    }

    /// <summary>Compares a tensor by its norm: its numbers are sums over rows, and one that cancels holds little but their rounding.</summary>
    public static void CompareNorm32(string what, IReadOnlyList<double> expected, float[] actual, List<string> problems)
    {
        Assert.Equal(expected.Count, actual.Length);
        double error = Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum()), norm = Math.Sqrt(expected.Sum(e => e * e));
        if (!(error <= Relative32 * norm + SmallestNormal)) problems.Add($"{what}: off by {error / norm:E1} of its norm.");
    }

    private static string PathOf(string file) => Path.Combine(SharedData.Golden, "losses", file);
}
