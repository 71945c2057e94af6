namespace Leftover.Data;

/// <summary>How messages name a file.</summary>
internal static class DisplayPath
{
    /// <summary>The path from the working folder where the file is in it, else the path as it is.</summary>
    public static string Of(string path)
    {
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
