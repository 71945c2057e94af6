using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>The keys and values of tokens already seen, of several sequences and all layers, for generation.</summary>
/// <remarks>Layout: layer, slot, then [capacity, width] of keys; the same of values. Attention appends; <see cref="Advance"/> counts once all layers have.</remarks>
public sealed unsafe class KeyValueCache : IDisposable
{
    private readonly NativeBlock _keys, _values;
    private readonly int[] _lengths;

    /// <summary>An empty cache.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="slots">Sequences it can hold at once.</param>
    /// <param name="capacity">Tokens a sequence can grow to.</param>
    /// <param name="width">Numbers in one token's keys of one layer: key/value heads times head dimension.</param>
    public KeyValueCache(int layers, int slots, int capacity, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (Layers, Slots, Capacity, Width) = (layers, slots, capacity, width);
        _keys = new NativeBlock((long)layers * slots * capacity * width);
        _values = new NativeBlock((long)layers * slots * capacity * width);
        _lengths = new int[slots];
    }

    /// <summary>Layers of the model.</summary>
    public int Layers { get; }

    /// <summary>Sequences it can hold at once.</summary>
    public int Slots { get; }

    /// <summary>Tokens a sequence can grow to.</summary>
    public int Capacity { get; }

    /// <summary>Numbers in one token's keys of one layer.</summary>
    public int Width { get; }

    /// <summary>Tokens held of a sequence.</summary>
    public int LengthOf(int slot) => _lengths[slot];

    /// <summary>A sequence's keys in one layer, [capacity, width].</summary>
    public float* Keys(int layer, int slot) => _keys.Pointer + ((long)layer * Slots + slot) * Capacity * Width;

    /// <summary>A sequence's values in one layer, [capacity, width].</summary>
    public float* Values(int layer, int slot) => _values.Pointer + ((long)layer * Slots + slot) * Capacity * Width;

    /// <summary>Counts the tokens that all layers have appended in this pass.</summary>
    public void Advance(PackedLayout layout)
    {
        for (int s = 0; s < layout.Segments.Length; s++) _lengths[layout.Slots[s]] += layout.Segments[s].Length;
    }

    /// <summary>Empties a sequence's place, or cuts it back to its first tokens.</summary>
    public void Truncate(int slot, int length = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _lengths[slot]);
        _lengths[slot] = length;
    }

    /// <summary>Makes one sequence's content that of another: a prompt shared by several samples, or a beam that splits.</summary>
    public void Copy(int from, int to)
    {
        int length = _lengths[from];
        for (int layer = 0; layer < Layers; layer++)
        {
            new Span<float>(Keys(layer, from), length * Width).CopyTo(new Span<float>(Keys(layer, to), length * Width));
            new Span<float>(Values(layer, from), length * Width).CopyTo(new Span<float>(Values(layer, to), length * Width));
        }
        _lengths[to] = length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }
}
