namespace Leftover.Tensors.Files;

/// <summary>Writes a file so that its name never stands for half of one: under a temporary name beside it, to the disk, then renamed.</summary>
/// <remarks>
/// The temporary name is the file's own with <c>.tmp</c> at its end, so what a killed process leaves behind is overwritten by the next attempt.
/// A second writer of the same file meanwhile gets an <see cref="IOException"/>.
/// </remarks>
public static class FileReplacement
{
    /// <summary>Writes the file, or leaves the old one as it was.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the content; whatever it throws is passed on after the temporary file is removed.</param>
    /// <param name="bytesNeeded">The content's size where it is known beforehand: a disk without that much room is then refused before any writing.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="IOException">The disk is full, or the file cannot be written or replaced.</exception>
    public static void Write(string path, Action<Stream> write, long? bytesNeeded = null)
    {
        string fullPath = Path.GetFullPath(path);
        if (!Directory.Exists(Path.GetDirectoryName(fullPath)))
            throw new DirectoryNotFoundException($"{path}: the folder '{Path.GetDirectoryName(fullPath)}' does not exist. Create it, or choose another place.");
        if (bytesNeeded is { } needed && FreeBytes(fullPath) is { } free && free < needed)
            throw new IOException($"{path}: {needed:N0} bytes are needed and {free:N0} are free on its disk. {NextStep(fullPath)}");

        string temporary = fullPath + ".tmp";
        bool opened = false;
        long written = 0;
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 64 * 1024))
            {
                opened = true;
                try
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                }
                finally
                {
                    written = stream.Position;
                }
            }
            File.Move(temporary, fullPath, overwrite: true);
        }
        catch (Exception e)
        {
            if (opened) Remove(temporary);       // one that could not be opened belongs to another writer
            if (e is not IOException) throw;
            string size = bytesNeeded is { } all ? $"{all:N0} bytes are needed" : $"{written:N0} bytes were handed over";
            string room = FreeBytes(fullPath) is { } left ? $", and {left:N0} are free on its disk with the unfinished file removed" : "";
            throw new IOException($"{path}: could not be written: {e.Message} {size}{room}. {NextStep(fullPath)}", e);
        }
    }

    private static string NextStep(string path) =>
        $"{(File.Exists(path) ? "The old file is as it was. " : "")}Free some room or choose another place, then run again.";

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What stopped the writing is the error to tell; the next attempt overwrites this file.
        }
    }

    /// <summary>Room for this user on the path's disk, or null where the system does not tell.</summary>
    private static long? FreeBytes(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;   // the file itself may not exist
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
