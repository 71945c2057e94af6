using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Memory;

/// <summary>The memory of one batch's activations and gradients: handed out as ops ask for it, all of it taken back at once.</summary>
/// <remarks>
/// A batch that needs more than there is gets a further chunk; before the next batch the chunks become one that is large
/// enough, so after warm-up a batch allocates nothing. Where a plan has told how much the largest batch needs, it is taken once.
/// Not safe for several threads: ops ask before they go parallel.
/// </remarks>
public sealed unsafe class Arena : IDisposable
{
    private const long MinimumChunk = 1 << 20;          // floats: 4 MiB
    private const int Alignment = 16;                   // floats: a cache line

    private readonly List<Chunk> _chunks = [];
    private readonly FreeRuns _free = new();
    private readonly PlannedMemory? _planned;
    private readonly Dictionary<nint, long> _plannedStarts = [];
    private Tape? _open;

    // Chunks follow each other in one address space, a gap between them, so that no block lies in two.
    private readonly record struct Chunk(NativeBlock Memory, long Start)
    {
        public long End => Start + Memory.Length;
    }

    /// <summary>What was free at a moment, and how many chunks there were: later ones are free as a whole when it comes back.</summary>
    internal readonly record struct Point(FreeRuns.Run[] Free, int Chunks);

    /// <summary>An arena that takes memory as batches ask for it.</summary>
    public Arena() : this(0) { }

    /// <summary>An arena that takes memory at once.</summary>
    /// <param name="floats">What the largest batch needs, for example out of <see cref="PeakOf"/>; at least 0.</param>
    public Arena(long floats)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(floats);
        if (floats > 0) _chunks.Add(new Chunk(new NativeBlock(floats), 0));
    }

    private Arena(PlannedMemory planned) => _planned = planned;

    /// <summary>Floats from the first to the last that the batch was handed out so far.</summary>
    public long Used { get; private set; }

    /// <summary>The largest <see cref="Used"/> of all batches so far, in floats.</summary>
    public long Peak { get; private set; }

    /// <summary>The <see cref="Peak"/> of passes that are not computed: ops ask for their memory, get none and do no work.</summary>
    /// <remarks>
    /// It is what <see cref="Peak"/> will be of an arena with that many floats at once, up to some scratch of attention: on one thread
    /// it counts that of two. The weights that the passes read need no memory either; see <see cref="WeightSet.AllocateForPlan"/>.
    /// </remarks>
    /// <param name="passes">The passes, forward and backward, over the arena they are given.</param>
    public static long PeakOf(Action<Arena> passes)
    {
        using var memory = new PlannedMemory();
        using var arena = new Arena(memory);
        ThreadTeam.WithoutWork(() => passes(arena));
        return arena.Peak;
    }

    /// <summary>Starts a batch: forgets the last one's memory and opens its tape.</summary>
    /// <param name="record">False for inference: ops leave nothing for a backward pass.</param>
    /// <param name="computeType">In what numbers the batch's matrix products multiply.</param>
    /// <param name="checkpoint">True keeps the inputs alone of the parts a model is run in, and runs each again in the backward pass: less memory, the same numbers.</param>
    /// <exception cref="InvalidOperationException">The last tape was not disposed.</exception>
    public Tape Begin(bool record = true, ComputeType computeType = ComputeType.Float32, bool checkpoint = false)
    {
        if (_open is not null) throw new InvalidOperationException("The arena's last tape is still open; dispose it before the next batch begins.");
        if (_chunks.Count > 1)
        {
            foreach (Chunk chunk in _chunks) chunk.Memory.Dispose();
            _chunks.Clear();
            _chunks.Add(new Chunk(new NativeBlock(Peak + Peak / 8), 0));        // chunks end raggedly: an eighth more than was used
        }
        _free.Clear();
        if (_planned is not null) _free.Give(0, long.MaxValue / 2);
        foreach (Chunk chunk in _chunks) _free.Give(chunk.Start, chunk.Memory.Length);
        Used = 0;
        return _open = new Tape(this, record, checkpoint, computeType);
    }

    /// <summary>Memory for <paramref name="length"/> floats, not cleared; it lives until the batch ends, or is returned.</summary>
    internal float* Rent(long length)
    {
        long rounded = Rounded(length);
        if (!_free.TryTake(rounded, out long start))
        {
            AddChunk(rounded);
            _free.TryTake(rounded, out start);
        }
        Used = Math.Max(Used, start + rounded);
        Peak = Math.Max(Peak, Used);
        if (_planned is null) return PointerTo(start);
        float* address = _planned.Take(rounded);
        _plannedStarts[(nint)address] = start;
        return address;
    }

    /// <summary>Takes back a block before the batch ends.</summary>
    internal void Return(float* block, long length) => _free.Give(_planned is null ? StartOf(block) : _plannedStarts[(nint)block], Rounded(length));

    /// <summary>A point to go back to, for passes that keep nothing.</summary>
    internal Point Mark() => new(_free.Snapshot(), _chunks.Count);

    /// <summary>Takes back all that was handed out since the mark. What was returned since, and handed out before, is its owner's again.</summary>
    internal void Rewind(Point mark)
    {
        _free.Restore(mark.Free);
        for (int i = mark.Chunks; i < _chunks.Count; i++) _free.Give(_chunks[i].Start, _chunks[i].Memory.Length);
    }

    internal void End(Tape tape)
    {
        if (ReferenceEquals(_open, tape)) _open = null;
    }

    private static long Rounded(long length) => Math.Max(1, (length + Alignment - 1) / Alignment) * Alignment;

    private void AddChunk(long floats)
    {
        long end = _chunks.Count == 0 ? 0 : _chunks[^1].End, start = _chunks.Count == 0 ? 0 : end + Alignment;
        var memory = new NativeBlock(Math.Max(floats, Math.Max(MinimumChunk, end / 4)));
        _chunks.Add(new Chunk(memory, start));
        _free.Give(start, memory.Length);
    }

    private float* PointerTo(long start)
    {
        int chunk = 0;
        while (start >= _chunks[chunk].End) chunk++;
        return _chunks[chunk].Memory.Pointer + (start - _chunks[chunk].Start);
    }

    private long StartOf(float* block)
    {
        int chunk = 0;
        while (block < _chunks[chunk].Memory.Pointer || block >= _chunks[chunk].Memory.Pointer + _chunks[chunk].Memory.Length) chunk++;
        return _chunks[chunk].Start + (block - _chunks[chunk].Memory.Pointer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Chunk chunk in _chunks) chunk.Memory.Dispose();
        _chunks.Clear();
    }
}
