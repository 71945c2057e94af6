using Microsoft.Win32.SafeHandles;

namespace Leftover.Tensors.Files;

/// <summary>A file read at any place by any thread; a read past its end is an error with its name.</summary>
/// <remarks>Positional reads and not a memory map: a file that is cut while it is open then gives an exception, and not a fault that ends the process.</remarks>
internal sealed class FileBytes : IDisposable
{
    private const int LargestRead = 1 << 30;
    private readonly SafeFileHandle _handle;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public FileBytes(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException(Directory.Exists(path) ? $"{path} is a folder; a file is needed." : $"{path} does not exist.", path);
        Path = path;
        _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Length = RandomAccess.GetLength(_handle);
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>The file's size when it was opened, in bytes.</summary>
    public long Length { get; }

    /// <summary>Fills the destination with the bytes at <paramref name="offset"/>.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int read = RandomAccess.Read(_handle, destination, offset);
            if (read == 0)
                throw new InvalidDataException($"{Path}: the file ends at byte {offset}, {destination.Length} bytes too early; it was {Length} bytes long when opened. Was it changed meanwhile? Copy or download it again.");
            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>As <see cref="Read(long, Span{byte})"/>, for more than 2^31 bytes.</summary>
    public unsafe void Read(long offset, byte* destination, long count)
    {
        for (long done = 0; done < count; done += LargestRead)
            Read(offset + done, new Span<byte>(destination + done, (int)Math.Min(LargestRead, count - done)));
    }

    public void Dispose() => _handle.Dispose();
}
