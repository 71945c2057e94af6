using Leftover.Tests.Golden;

namespace Leftover.Tests.Reporting.Comparison;

/// <summary>A fact that opens a page in Chromium: skipped with a reason where there is none, unless CI=true.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = SharedData.MustExist || File.Exists(Path) ? null! : $"{Path} is not on this machine; on Debian `apt-get install chromium` brings it, and $CHROMIUM names another.";

    /// <summary>The browser: <c>$CHROMIUM</c>, or Debian's.</summary>
    public static string Path => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } set ? set : "/usr/bin/chromium";
}
