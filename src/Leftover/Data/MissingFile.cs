using Leftover.Runs;

namespace Leftover.Data;

/// <summary>The error for a file that is not there, with the name of one that is.</summary>
public static class MissingFile
{
    /// <summary>Throws where no file has this path.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it was to be, for example "a recipe".</param>
    /// <exception cref="DataException">There is no such file.</exception>
    public static void ThrowIfMissing(string path, string what)
    {
        if (!File.Exists(path)) throw new DataException(Message(path, what));
    }

    /// <summary>What to tell the user.</summary>
    internal static string Message(string path, string what)
    {
        if (Directory.Exists(path)) return $"{path} is a folder; {what} is a file. Name a file in it.";
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) return $"{path} does not exist, nor does its folder {folder}; {what} was to be read from it. Check the path: the working folder is {Directory.GetCurrentDirectory()}.";

        string[] names = [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        string name = Path.GetFileName(path);
        string? near = names.FirstOrDefault(n => n.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)) ?? Spelling.Closest(name, names);
        string next = near is not null ? $"Did you mean '{Path.Combine(Path.GetDirectoryName(path) ?? "", near)}'?"
            : names.Length == 0 ? "Its folder holds no files."
            : $"Its folder holds {string.Join(", ", names.Take(5))}{(names.Length > 5 ? ", …" : "")}.";
        return $"{path} does not exist; {what} was to be read from it. {next}";
    }
}
