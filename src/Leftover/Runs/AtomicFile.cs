using System.Text;
using Leftover.Tensors.Files;

namespace Leftover.Runs;

/// <summary>Files of a run folder are there whole or not at all, whenever the process or the machine stops.</summary>
public static class AtomicFile
{
    /// <inheritdoc cref="FileReplacement.Write"/>
    public static void Write(string path, Action<Stream> write) => FileReplacement.Write(path, write);

    /// <summary>Writes a text as UTF-8 without a byte order mark, or leaves the old file as it was.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="text">The whole content.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="IOException">The disk is full, or the file cannot be written or replaced.</exception>
    public static void WriteAllText(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        FileReplacement.Write(path, stream => stream.Write(bytes), bytes.Length);
    }
}
