using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Memory;

/// <summary>The memory of one batch's activations and gradients: handed out front to back, all of it taken back at once.</summary>
/// <remarks>
/// A batch that needs more than there is gets a further chunk; before the next batch the chunks become one that is large
/// enough, so after warm-up a batch allocates nothing. Not safe for several threads: ops ask before they go parallel.
/// </remarks>
public sealed unsafe class Arena : IDisposable
{
    private const long MinimumChunk = 1 << 20;          // floats: 4 MiB
    private const int Alignment = 16;                   // floats: a cache line

    private readonly List<NativeBlock> _chunks = [];
    private readonly Dictionary<long, Stack<nint>> _returned = [];
    private int _chunk;
    private long _used, _usedBefore;
    private Tape? _open;

    /// <summary>Floats handed out since the batch began, reused ones counted once.</summary>
    public long Used => _usedBefore + _used;

    /// <summary>The largest <see cref="Used"/> of all batches so far, in floats.</summary>
    public long Peak { get; private set; }

    /// <summary>Starts a batch: forgets the last one's memory and opens its tape.</summary>
    /// <param name="record">False for inference: ops leave nothing for a backward pass.</param>
    /// <param name="computeType">In what numbers the batch's matrix products multiply.</param>
    /// <exception cref="InvalidOperationException">The last tape was not disposed.</exception>
    public Tape Begin(bool record = true, ComputeType computeType = ComputeType.Float32)
    {
        if (_open is not null) throw new InvalidOperationException("The arena's last tape is still open; dispose it before the next batch begins.");
        if (_chunks.Count > 1)
        {
            foreach (NativeBlock chunk in _chunks) chunk.Dispose();
            _chunks.Clear();
            _chunks.Add(new NativeBlock(Peak + Peak / 8));        // chunks end raggedly: an eighth more than was used
        }
        _chunk = 0;
        _used = _usedBefore = 0;
        foreach (Stack<nint> blocks in _returned.Values) blocks.Clear();
        return _open = new Tape(this, record, computeType);
    }

    /// <summary>Memory for <paramref name="length"/> floats, not cleared; it lives until the batch ends.</summary>
    internal float* Rent(long length)
    {
        long rounded = (length + Alignment - 1) / Alignment * Alignment;
        if (_returned.TryGetValue(rounded, out Stack<nint>? blocks) && blocks.TryPop(out nint again)) return (float*)again;
        while (_chunk < _chunks.Count && _used + rounded > _chunks[_chunk].Length) NextChunk();
        if (_chunk == _chunks.Count) _chunks.Add(new NativeBlock(Math.Max(rounded, Math.Max(MinimumChunk, _usedBefore))));
        float* start = _chunks[_chunk].Pointer + _used;
        _used += rounded;
        Peak = Math.Max(Peak, Used);
        return start;
    }

    /// <summary>Takes back a block before the batch ends, for the next request of the same size.</summary>
    internal void Return(float* block, long length)
    {
        long rounded = (length + Alignment - 1) / Alignment * Alignment;
        if (!_returned.TryGetValue(rounded, out Stack<nint>? blocks)) _returned[rounded] = blocks = new Stack<nint>();
        blocks.Push((nint)block);
    }

    /// <summary>A point to go back to, for passes that keep nothing.</summary>
    internal (int Chunk, long Used, long Before) Mark() => (_chunk, _used, _usedBefore);

    /// <summary>Forgets all that was handed out since the mark, and what was returned: it may lie behind the mark.</summary>
    internal void Rewind((int Chunk, long Used, long Before) mark)
    {
        (_chunk, _used, _usedBefore) = mark;
        foreach (Stack<nint> blocks in _returned.Values) blocks.Clear();
    }

    internal void End(Tape tape)
    {
        if (ReferenceEquals(_open, tape)) _open = null;
    }

    private void NextChunk()
    {
        _usedBefore += _used;
        _used = 0;
        _chunk++;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBlock chunk in _chunks) chunk.Dispose();
        _chunks.Clear();
    }
}
