using Leftover.Tensors.Kernels;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

/// <summary>The keys and values of tokens already seen, of several sequences and all layers, for generation.</summary>
/// <remarks>
/// <para>
/// A sequence's tokens lie in blocks of <see cref="BlockTokens"/>. Sequences that begin alike (samples of one prompt, beams) share blocks, each
/// counted; who writes into a shared one gets a copy of it first. Memory is taken as blocks are needed and kept until the cache is disposed.
/// </para>
/// <para>
/// A pass first reserves its tokens' places, then attention appends them layer by layer; <see cref="Advance"/> counts them once all layers have.
/// Layout of a block: layer, then [<see cref="BlockTokens"/>, width] of keys, then the same of values.
/// </para>
/// </remarks>
public sealed unsafe class KeyValueCache : IDisposable
{
    /// <summary>Tokens of a block.</summary>
    public const int BlockTokens = 64;

    private const long ChunkBytes = 8 << 20;            // taken from the system at a time

    private readonly Lock _lock = new();                // beams of several prompts branch at the same time
    private readonly long _blockBytes;
    private readonly int _chunkBlocks;
    private readonly List<NativeBlock> _chunks = [];
    private readonly List<int> _users = [];             // of each block
    private readonly Stack<int> _free = [];
    private readonly List<int>[] _blocks;               // of each sequence
    private readonly int[] _lengths;

    /// <summary>An empty cache.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="slots">Sequences it can hold at once.</param>
    /// <param name="capacity">Tokens a sequence can grow to.</param>
    /// <param name="width">Numbers in one token's keys of one layer: key/value heads times head dimension.</param>
    /// <param name="narrow">True rounds keys and values to bfloat16, in half the memory.</param>
    public KeyValueCache(int layers, int slots, int capacity, int width, bool narrow = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (Layers, Slots, Capacity, Width, IsNarrow) = (layers, slots, capacity, width, narrow);
        _blockBytes = 2 * layers * PlaneBytes;
        _chunkBlocks = (int)Math.Clamp(ChunkBytes / _blockBytes, 1, 64);
        _lengths = new int[slots];
        _blocks = new List<int>[slots];
        for (int slot = 0; slot < slots; slot++) _blocks[slot] = [];
    }

    /// <summary>Layers of the model.</summary>
    public int Layers { get; }

    /// <summary>Sequences it can hold at once.</summary>
    public int Slots { get; }

    /// <summary>Tokens a sequence can grow to.</summary>
    public int Capacity { get; }

    /// <summary>Numbers in one token's keys of one layer.</summary>
    public int Width { get; }

    /// <summary>True where keys and values are held in bfloat16.</summary>
    public bool IsNarrow { get; }

    /// <summary>Blocks in use; one that several sequences share counts once.</summary>
    public int UsedBlocks => _users.Count - _free.Count;

    /// <summary>Memory taken, in bytes.</summary>
    public long Bytes => _users.Count * _blockBytes;

    /// <summary>Tokens held of a sequence.</summary>
    public int LengthOf(int slot) => _lengths[slot];

    // Keys, or values, of one layer and block.
    private long PlaneBytes => (long)BlockTokens * Width * (IsNarrow ? sizeof(ushort) : sizeof(float));

    /// <summary>Makes sure that a sequence can be appended to: it has blocks for so many more tokens, and shares none that they go to.</summary>
    internal void Reserve(int slot, int tokens)
    {
        lock (_lock)
        {
            List<int> blocks = _blocks[slot];
            int length = _lengths[slot], first = length / BlockTokens, inFirst = length % BlockTokens;
            if (inFirst > 0 && _users[blocks[first]] > 1)
            {
                int copy = Take();
                CopyTokens(blocks[first], copy, inFirst);
                Release(blocks[first]);
                blocks[first] = copy;
            }
            while (blocks.Count * BlockTokens < length + tokens) blocks.Add(Take());
        }
    }

    /// <summary>Rounds, where the cache is narrow, and stores a token's keys and values of one layer; each is [width].</summary>
    internal void Store(int layer, int slot, int position, float* keys, float* values)
    {
        byte* block = BlockOf(slot, position / BlockTokens, layer);
        long at = (long)(position % BlockTokens) * Width;
        if (IsNarrow)
        {
            BFloat16.Round(keys, (ushort*)block + at, Width);
            BFloat16.Round(values, (ushort*)(block + PlaneBytes) + at, Width);
        }
        else
        {
            new ReadOnlySpan<float>(keys, Width).CopyTo(new Span<float>((float*)block + at, Width));
            new ReadOnlySpan<float>(values, Width).CopyTo(new Span<float>((float*)(block + PlaneBytes) + at, Width));
        }
    }

    /// <summary>One layer's keys of a sequence's block, [<see cref="BlockTokens"/>, width].</summary>
    internal byte* Keys(int layer, int slot, int block) => BlockOf(slot, block, layer);

    /// <summary>One layer's values of a sequence's block, [<see cref="BlockTokens"/>, width].</summary>
    internal byte* Values(int layer, int slot, int block) => BlockOf(slot, block, layer) + PlaneBytes;

    /// <summary>Widens one layer's keys and values of a sequence's first tokens; each is [tokens, width].</summary>
    internal void Load(int layer, int slot, int tokens, float* keys, float* values)
    {
        for (int first = 0; first < tokens; first += BlockTokens)
        {
            int numbers = Math.Min(BlockTokens, tokens - first) * Width;
            Widen(Keys(layer, slot, first / BlockTokens), keys + (long)first * Width, numbers);
            Widen(Values(layer, slot, first / BlockTokens), values + (long)first * Width, numbers);
        }
    }

    /// <summary>Counts the tokens that all layers have appended in this pass.</summary>
    public void Advance(PackedLayout layout)
    {
        for (int s = 0; s < layout.Segments.Length; s++) _lengths[layout.Slots[s]] += layout.Segments[s].Length;
    }

    /// <summary>Empties a sequence's place, or cuts it back to its first tokens.</summary>
    public void Truncate(int slot, int length = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _lengths[slot]);
        lock (_lock)
        {
            List<int> blocks = _blocks[slot];
            int kept = (length + BlockTokens - 1) / BlockTokens;
            for (int i = kept; i < blocks.Count; i++) Release(blocks[i]);
            blocks.RemoveRange(kept, blocks.Count - kept);
            _lengths[slot] = length;
        }
    }

    /// <summary>Makes one sequence's content that of another, or of its first tokens: a prompt shared by several samples, or a beam that splits. Nothing is copied.</summary>
    /// <param name="from">The sequence that is there.</param>
    /// <param name="to">The place that gets it; what it held is gone.</param>
    /// <param name="length">How many tokens; −1 for all.</param>
    public void Share(int from, int to, int length = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _lengths[from]);
        if (from == to) throw new ArgumentException($"A sequence ({from}) cannot share its own blocks with itself.");
        Truncate(to);
        lock (_lock)
        {
            if (length < 0) length = _lengths[from];
            int shared = (length + BlockTokens - 1) / BlockTokens;
            for (int i = 0; i < shared; i++)
            {
                _users[_blocks[from][i]]++;
                _blocks[to].Add(_blocks[from][i]);
            }
            _lengths[to] = length;
        }
    }

    private byte* BlockOf(int slot, int block, int layer) => Address(_blocks[slot][block]) + 2 * layer * PlaneBytes;

    private byte* Address(int block) => (byte*)_chunks[block / _chunkBlocks].Pointer + block % _chunkBlocks * _blockBytes;

    private int Take()
    {
        if (_free.Count == 0)
        {
            _chunks.Add(new NativeBlock((_chunkBlocks * _blockBytes + sizeof(float) - 1) / sizeof(float)));
            for (int i = _chunkBlocks - 1; i >= 0; i--) _free.Push(_users.Count + i);
            for (int i = 0; i < _chunkBlocks; i++) _users.Add(0);
        }
        int block = _free.Pop();
        _users[block] = 1;
        return block;
    }

    private void Release(int block)
    {
        if (--_users[block] == 0) _free.Push(block);
    }

    private void CopyTokens(int from, int to, int tokens)
    {
        long bytes = PlaneBytes / BlockTokens * tokens;
        for (int plane = 0; plane < 2 * Layers; plane++)
            Buffer.MemoryCopy(Address(from) + plane * PlaneBytes, Address(to) + plane * PlaneBytes, bytes, bytes);
    }

    private void Widen(byte* from, float* to, int numbers)
    {
        if (IsNarrow) BFloat16.Widen((ushort*)from, to, numbers);
        else new ReadOnlySpan<float>(from, numbers).CopyTo(new Span<float>(to, numbers));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBlock chunk in _chunks) chunk.Dispose();
        _chunks.Clear();
    }
}
