using System.Runtime.InteropServices;

namespace Leftover.Tensors.Memory;

/// <summary>Addresses that may be written to and hold nothing of worth: what a plan hands out in place of memory.</summary>
/// <remarks>
/// Small blocks, where row numbers and offsets lie, are memory of their own and keep what is written. Large ones lie over each other, each at an
/// address of its own, in memory that nobody touches and so costs nothing.
/// </remarks>
internal sealed unsafe class PlannedMemory : IDisposable
{
    private const long SmallFloats = 1 << 18, Spacing = 16, Addresses = 1 << 16;

    private readonly List<nint> _allocated = [];
    private float* _large;
    private long _largeFloats, _addressesLeft;

    /// <summary>An address of <paramref name="floats"/> floats, not cleared.</summary>
    public float* Take(long floats)
    {
        if (floats <= SmallFloats) return Allocate(floats);
        if (floats > _largeFloats || _addressesLeft == 0)
        {
            _largeFloats = Math.Max(floats, 2 * _largeFloats);
            _addressesLeft = Addresses;
            _large = Allocate(_largeFloats + Addresses * Spacing);
        }
        return _large + Spacing * --_addressesLeft;
    }

    private float* Allocate(long floats)
    {
        float* start = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64);
        _allocated.Add((nint)start);
        return start;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint start in _allocated) NativeMemory.AlignedFree((void*)start);
        _allocated.Clear();
    }
}
