using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Leftover.Tensors.Files;

namespace Leftover.Tensors.Gguf;

/// <summary>Reads a GGUF file's head from front to back. Every count is held against the bytes that are left before anything is allocated.</summary>
internal sealed class GgufCursor(FileBytes file)
{
    private const int LongestName = 65535;
    private const long LongestValue = 1 << 28;
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly byte[] _window = new byte[64 * 1024];
    private long _windowStart;
    private int _windowLength;

    /// <summary>The next byte's place in the file.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes from here to the end of the file.</summary>
    public long Left => file.Length - Position;

    public byte U8(string what) => Take(1, what)[0];
    public ushort U16(string what) => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, what));
    public uint U32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));
    public ulong U64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A count of things that take at least <paramref name="bytesEach"/> bytes each.</summary>
    public int Count(string what, int bytesEach)
    {
        long start = Position;
        ulong count = U64(what);
        if (count > (ulong)(Left / bytesEach))
            throw Bad(start, $"{what} is {count}, and the {Left} bytes that follow hold at most {Left / bytesEach}");
        if (count > (ulong)(LongestValue / bytesEach))
            throw Bad(start, $"{what} is {count}; more than {LongestValue} bytes of metadata in one piece are not read");
        return (int)count;
    }

    /// <summary>A key or a tensor's name, which must be UTF-8.</summary>
    public string Name(string what)
    {
        long start = Position;
        int length = Count($"the length of {what}", 1);
        if (length > LongestName) throw Bad(start, $"{what} is {length} bytes long; the format allows {LongestName}");
        byte[] bytes = new byte[length];
        Fill(bytes, what);
        try
        {
            return s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw Bad(start, $"{what} is not UTF-8", e);
        }
    }

    /// <summary>A text value. Bytes that are not UTF-8 become U+FFFD: files with a description cut in mid-character exist, and their weights are whole.</summary>
    public string Text(string what)
    {
        int length = Count($"the length of {what}", 1);
        if (length <= _window.Length) return Encoding.UTF8.GetString(Take(length, what));
        byte[] bytes = new byte[length];
        Fill(bytes, what);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>As many numbers as the array holds.</summary>
    public unsafe void Numbers<T>(T[] numbers, string what) where T : unmanaged
    {
        fixed (T* start = numbers) Fill(new Span<byte>(start, numbers.Length * Unsafe.SizeOf<T>()), what);
    }

    public InvalidDataException Bad(long place, string problem, Exception? inner = null) =>
        new($"{file.Path}: at byte {place}: {problem}. The file is damaged or of a kind that is not known here: download or convert it again.", inner);

    private void Fill(Span<byte> destination, string what)
    {
        if (destination.Length <= _window.Length)
        {
            Take(destination.Length, what).CopyTo(destination);
            return;
        }
        Require(destination.Length, what);
        file.Read(Position, destination);
        Position += destination.Length;
    }

    /// <summary>The next bytes, at most a window of them; good until the next call.</summary>
    private ReadOnlySpan<byte> Take(int count, string what)
    {
        Require(count, what);
        if (Position < _windowStart || Position + count > _windowStart + _windowLength)
        {
            _windowStart = Position;
            _windowLength = (int)Math.Min(_window.Length, Left);
            file.Read(Position, _window.AsSpan(0, _windowLength));
        }
        ReadOnlySpan<byte> bytes = _window.AsSpan((int)(Position - _windowStart), count);
        Position += count;
        return bytes;
    }

    private void Require(long count, string what)
    {
        if (count > Left) throw Bad(Position, $"the file ends inside {what}: {count} bytes are needed and {Left} are left");
    }
}
