using System.Runtime.CompilerServices;

namespace Leftover.Tests.Golden;

/// <summary>Where other implementations' outputs, real data and real weights lie; they are no part of this repository.</summary>
/// <remarks>
/// Goldens: <c>$LEFTOVER_GOLDEN</c>, or <c>../shared/golden</c> beside the repository. Data and models: <c>$LEFTOVER_SHARED</c>, or <c>../shared</c>.
/// </remarks>
public static class SharedData
{
    /// <summary>The folder of golden cases.</summary>
    public static string Golden { get; } = Environment.GetEnvironmentVariable("LEFTOVER_GOLDEN") is { Length: > 0 } set ? set : Path.Combine(Root, "golden");

    /// <summary>The folder that holds <c>data</c> and <c>models</c>.</summary>
    public static string Root => Environment.GetEnvironmentVariable("LEFTOVER_SHARED") is { Length: > 0 } set ? set : Path.Combine(Repository(), "..", "shared");

    /// <summary>The path of a real data file or model, for example <c>("models", "smollm2-135m-instruct")</c>.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>True where a missing folder must fail instead of skip.</summary>
    public static bool MustExist => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>The repository's root, found from this source file.</summary>
    public static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    /// <summary>Why a test over <paramref name="path"/> is skipped, or null where it must run.</summary>
    public static string? SkipReason(string path) =>
        MustExist || File.Exists(path) || Directory.Exists(path) ? null : $"{path} is not on this machine.";
}

/// <summary>A fact over a golden folder or file (relative to the golden root): skipped with a reason where that is missing, unless CI=true.</summary>
public sealed class GoldenFactAttribute : FactAttribute
{
    public GoldenFactAttribute(string path) => Skip = SharedData.SkipReason(Path.Combine(SharedData.Golden, path))!;
}

/// <summary>A theory over a golden folder or file; its member data must give no rows where the folder is missing.</summary>
public sealed class GoldenTheoryAttribute : TheoryAttribute
{
    public GoldenTheoryAttribute(string path) => Skip = SharedData.SkipReason(Path.Combine(SharedData.Golden, path))!;
}

/// <summary>A fact over real data or a real model (relative to the shared root): skipped with a reason where that is missing, unless CI=true.</summary>
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(string path) => Skip = SharedData.SkipReason(Path.Combine(SharedData.Root, path))!;
}

/// <summary>A theory over real data or a real model.</summary>
public sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute(string path) => Skip = SharedData.SkipReason(Path.Combine(SharedData.Root, path))!;
}
