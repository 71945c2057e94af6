using System.Text.RegularExpressions;

namespace Leftover.Benchmarks;

/// <summary>What the processor is called.</summary>
internal static partial class Processor
{
    /// <summary>Its name, with family and model: clouds hide the rest.</summary>
    public static string Name { get; } = Read();

    /// <summary>The name as part of a file's.</summary>
    public static string Slug { get; } = OtherThanLetters().Replace(Name.ToLowerInvariant(), "-").Trim('-');

    private static string Read()
    {
        if (!File.Exists("/proc/cpuinfo")) return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
        ILookup<string, string> values = File.ReadLines("/proc/cpuinfo").Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0], pair => pair[1]);
        string name = values["model name"].FirstOrDefault() ?? "unknown processor";
        return values["cpu family"].FirstOrDefault() is { } family && values["model"].FirstOrDefault() is { } model ? $"{name} (family {family}, model {model})" : name;
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex OtherThanLetters();
}
