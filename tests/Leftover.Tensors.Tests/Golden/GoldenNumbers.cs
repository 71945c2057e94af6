using System.Collections.Concurrent;
using System.Text.Json;

namespace Leftover.Tensors.Tests.Golden;

/// <summary>Numbers of golden JSON files, which write NaN, ±Infinity and -0.0 as strings.</summary>
internal static class GoldenNumbers
{
    private static readonly ConcurrentDictionary<string, JsonElement> s_files = new();

    public static JsonElement Json(string path) => s_files.GetOrAdd(path, static path =>
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    });

    public static float Single(JsonElement number) => number.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => float.Parse(number.GetString()!),
        _ when number.TryGetInt64(out long integer) => integer,
        _ when number.TryGetUInt64(out ulong integer) => integer,
        _ => (float)number.GetDouble(),
    };

    /// <summary>The same numbers, bit for bit; any NaN is any other.</summary>
    public static void AssertSame(JsonElement expected, ReadOnlySpan<float> actual) =>
        AssertSame([.. expected.EnumerateArray().Select(Single)], actual);

    /// <inheritdoc cref="AssertSame(JsonElement, ReadOnlySpan{float})"/>
    public static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
            if (!float.IsNaN(expected[i]) || !float.IsNaN(actual[i]))
                Assert.True(BitConverter.SingleToUInt32Bits(expected[i]) == BitConverter.SingleToUInt32Bits(actual[i]), $"value {i}: {expected[i]:R} expected, {actual[i]:R} found");
    }
}
