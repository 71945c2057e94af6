using System.Text;
using Leftover.Data;
using Leftover.Runs;

namespace Leftover.Cli;

/// <summary>Writes a file of rows, one JSON object a line: whole or not at all.</summary>
internal static class JsonLines
{
    /// <summary>Refuses, before any work, a place that cannot be written to.</summary>
    /// <exception cref="DataException">It is a folder, or lies in none.</exception>
    public static void CheckTarget(string path)
    {
        if (Directory.Exists(path)) throw new DataException($"{path} is a folder; the output is a file. Name a file in it.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) throw new DataException($"{path}: the folder {folder} does not exist. Create it, or choose another place.");
    }

    /// <summary>Writes the rows; names are snake_case, nulls are left out.</summary>
    public static void Write<T>(string path, IEnumerable<T> rows) => AtomicFile.Write(path, stream =>
    {
        foreach (T row in rows) stream.Write(Encoding.UTF8.GetBytes(JsonResult.Line(row)));
    });
}
