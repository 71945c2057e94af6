using System.Runtime.InteropServices;

namespace Leftover.Runs;

/// <summary>What computed a result.</summary>
public static class Versions
{
    /// <summary>Versions of this library and of what it runs on, by name.</summary>
    public static IReadOnlyDictionary<string, string> OfThisProcess() => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["leftover"] = Leftover,
        ["dotnet"] = Environment.Version.ToString(),
        ["system"] = RuntimeInformation.RuntimeIdentifier,
    };

    /// <summary>This library's version, part of every address in a cache.</summary>
    public static string Leftover { get; } = typeof(Versions).Assembly.GetName().Version?.ToString(3) ?? "0";
}
