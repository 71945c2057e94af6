using System.Runtime.InteropServices;

namespace Leftover.Tensors.Memory;

/// <summary>Owns one block of zeroed native floats, at least 64-byte aligned, that stays where it is until it is disposed.</summary>
/// <remarks>
/// Blocks of 4 MiB and more are aligned to 2 MiB and, on Linux, ask for huge pages: a first touch then costs one fault for 2 MiB instead of
/// one for 4 KiB, and a matrix product misses the TLB less.
/// </remarks>
public sealed unsafe partial class NativeBlock : IDisposable
{
    private const nuint CacheLine = 64, HugePage = 2 << 20, LargeBlock = 4 << 20;
    private const int AdviseHugePage = 14;

    private static long s_liveBytes;

    private readonly nuint _bytes;
    private float* _pointer;

    /// <summary>Allocates zeroed floats.</summary>
    /// <param name="length">How many floats, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or no address space holds it.</exception>
    /// <exception cref="OutOfMemoryException">The system does not give that much memory.</exception>
    public NativeBlock(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, (nint.MaxValue >> 1) / sizeof(float));

        nuint bytes = Math.Max((nuint)length * sizeof(float), CacheLine);
        nuint alignment = bytes >= LargeBlock ? HugePage : CacheLine;
        _bytes = (bytes + alignment - 1) / alignment * alignment;
        Length = length;
        try
        {
            _pointer = (float*)NativeMemory.AlignedAlloc(_bytes, alignment);
        }
        catch (OutOfMemoryException e)
        {
            throw new OutOfMemoryException($"{_bytes >> 20} MiB of native memory are not to be had; {LiveBytes >> 20} MiB are held already.", e);
        }
        if (alignment == HugePage && OperatingSystem.IsLinux()) Advise(_pointer, _bytes, AdviseHugePage);
        NativeMemory.Clear(_pointer, _bytes);
        Interlocked.Add(ref s_liveBytes, (long)_bytes);
    }

    /// <summary>Bytes held by all blocks that are not disposed yet.</summary>
    public static long LiveBytes => Interlocked.Read(ref s_liveBytes);

    /// <summary>How many floats.</summary>
    public long Length { get; }

    /// <summary>The first float.</summary>
    /// <exception cref="ObjectDisposedException">The block is disposed.</exception>
    public float* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer == null, this);
            return _pointer;
        }
    }

    /// <summary>The <paramref name="count"/> floats from <paramref name="start"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie inside the block.</exception>
    /// <exception cref="ObjectDisposedException">The block is disposed.</exception>
    public Span<float> Span(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - count);
        return new Span<float>(Pointer + start, count);
    }

    /// <summary>Gives the memory back; a second call does nothing.</summary>
    public void Dispose()
    {
        if (_pointer == null) return;
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        Interlocked.Add(ref s_liveBytes, -(long)_bytes);
    }

    // Advice only: a system without huge pages refuses it, and nothing is lost.
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint bytes, int advice);
}
