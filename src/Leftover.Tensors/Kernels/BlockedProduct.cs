using System.Runtime.InteropServices;

namespace Leftover.Tensors.Kernels;

/// <summary>One matrix product, cut into tiles for a micro-kernel and into blocks for a team.</summary>
/// <remarks>
/// <para>
/// k is cut into slices, so that a panel of A lies in the first-level cache. The operand with fewer lines is packed whole; the other is packed
/// block by block into a buffer of the thread which stays in its second-level cache, and threads take those blocks one after another, large
/// ones first. A small team packs the whole operand once for each thread: no cache line then crosses from one core to another.
/// </para>
/// <para>
/// How k is cut depends on k alone, and a tile's sums do not depend on its shape (<see cref="MicroKernel"/>). So an element of C is the same bits
/// for any number of threads, and whatever the other rows and columns of the product are.
/// </para>
/// </remarks>
internal sealed unsafe class BlockedProduct : ITeamJob
{
    private const int LongestSlice = 768;                    // an A panel of 8 rows is then 24 KiB
    private const long BlockBytes = 400 << 10;               // of the private block: it shares the second-level cache with a panel of the other side
    private const long WholeFloats = 1200 << 10;             // of the whole operand; beyond, k is walked in stretches of several slices
    private const int LargestReplicatingTeam = 4;
    private const long SmallestTask = 250_000;               // multiply-adds that are worth a grab
    private const int PackingCost = 16;                      // of one value, in multiply-adds
    private const long SmallestParallel = 60_000;            // multiply-adds that are worth a team
    private const int FewRows = 16;                          // B is read in place where so few rows use it

    [ThreadStatic] private static BlockedProduct? t_current;

    private MicroKernel _kernel = null!;
    private Operand _a, _b;
    private float* _c;
    private nint _strideC;
    private int _k;
    private bool _accumulate;

    private bool _wholeIsB, _replicate, _readBInPlace;
    private int _rows, _columns, _lanes;                     // of a full tile
    private int _slice;                                      // steps of a slice of k
    private int _blockPanels, _wholePanels;                  // of each side
    private int _smallestGrab, _largestGrab;                 // panels of the blocked side
    private int _threads;

    // The stretch of k that the job now works on.
    private int _begin, _end;
    private bool _packOnly;
    private float* _sharedWhole;
    private Line _next;

    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Line
    {
        [FieldOffset(64)] public int Value;
    }

    /// <summary>C = A·B (+ C).</summary>
    public static void Multiply(MicroKernel kernel, ThreadTeam team, in Operand a, in Operand b, int k, float* c, nint strideC, bool accumulate)
    {
        BlockedProduct product = t_current ??= new BlockedProduct();
        product._kernel = kernel;
        (product._a, product._b, product._k) = (a, b, k);
        product._c = c;
        (product._strideC, product._accumulate) = (strideC, accumulate);
        product.Plan(team);
        product.Run(team);
    }

    private void Plan(ThreadTeam team)
    {
        int m = _a.Lines, n = _b.Lines;
        _threads = ThreadTeam.IsInsideJob || (long)m * n * _k + (long)n * _k * PackingCost < SmallestParallel ? 1 : team.Size;
        _lanes = _kernel.Lanes;
        _rows = _kernel.Rows;
        _readBInPlace = _b.StepsAreRows && m <= FewRows && n % _lanes == 0;
        _wholeIsB = n <= m && !_readBInPlace;
        _columns = PanelWidth(n, (_readBInPlace ? _kernel.WidestTile(Math.Min(m, _rows)) : _kernel.Vectors) * _lanes);

        int slices = (_k + LongestSlice - 1) / LongestSlice;
        _slice = slices == 1 ? _k : ((_k + slices - 1) / slices + 15) & ~15;

        (int blockWidth, int blockLines, int wholeWidth, int wholeLines) = _wholeIsB ? (_rows, m, _columns, n) : (_columns, n, _rows, m);
        _blockPanels = (blockLines + blockWidth - 1) / blockWidth;
        _wholePanels = (wholeLines + wholeWidth - 1) / wholeWidth;
        _replicate = _threads <= LargestReplicatingTeam;

        int fitting = (int)Math.Max(1, BlockBytes / sizeof(float) / ((long)blockWidth * _slice));
        _largestGrab = Math.Min(fitting, Math.Max(1, (_blockPanels + _threads - 1) / _threads));
        long panelWork = (long)blockWidth * Math.Min(_k, StretchLength()) * (wholeLines + PackingCost);
        _smallestGrab = (int)Math.Clamp(SmallestTask / panelWork, 1, _largestGrab);
    }

    // Wide panels, but no narrow one at the end: 64 columns are 32 + 32, not 48 + 16.
    private int PanelWidth(int lines, int widest)
    {
        int vectors = (lines + _lanes - 1) / _lanes, panels = (lines + widest - 1) / widest;
        return (vectors + panels - 1) / panels * _lanes;
    }

    // Steps of k for which the whole operand is packed at a time: as many slices as WholeFloats hold, in equal shares.
    private int StretchLength()
    {
        int slices = (_k + _slice - 1) / _slice;
        long sliceFloats = (long)_wholePanels * (_wholeIsB ? _columns : _rows) * _slice;
        int together = (int)Math.Clamp(WholeFloats / sliceFloats, 1, slices);
        int stretches = (slices + together - 1) / together;
        return (slices + stretches - 1) / stretches * _slice;
    }

    private void Run(ThreadTeam team)
    {
        int stretch = StretchLength();
        for (_begin = 0; _begin < _k; _begin += stretch)
        {
            _end = Math.Min(_k, _begin + stretch);
            if (!_replicate)
            {
                _sharedWhole = Scratch.Current.Whole(WholeSize());
                RunJob(team, packOnly: true);
            }
            RunJob(team, packOnly: false);
        }
    }

    private void RunJob(ThreadTeam team, bool packOnly)
    {
        _packOnly = packOnly;
        _next.Value = 0;
        if (_threads == 1) Work(0);
        else team.Run(this);
    }

    /// <summary>One thread's share of the job.</summary>
    public void Work(int member)
    {
        if (_packOnly)
        {
            while (Grab(_wholePanels, 1, 4, out int first, out int last)) PackWhole(_sharedWhole, first, last);
            return;
        }
        Scratch scratch = Scratch.Current;
        float* whole = _sharedWhole;
        if (_replicate) PackWhole(whole = scratch.Whole(WholeSize()), 0, _wholePanels);
        float* bounce = scratch.Blocked(_rows * _columns + (long)_largestGrab * (_wholeIsB ? _rows : _columns) * _slice);
        float* block = bounce + _rows * _columns;
        while (Grab(_blockPanels, _smallestGrab, _largestGrab, out int first, out int last))
            for (int k = _begin; k < _end; k += _slice) MultiplyBlock(first, last, k, whole, block, bounce);
    }

    private long WholeSize() => (long)_wholePanels * (_wholeIsB ? _columns : _rows) * (_end - _begin);

    private void PackWhole(float* target, int first, int last)
    {
        int width = _wholeIsB ? _columns : _rows;
        for (int k = _begin; k < _end; k += _slice)
        {
            int steps = Math.Min(_slice, _end - k);
            float* slice = target + (nint)(k - _begin) * _wholePanels * width;
            Packing.Pack(_wholeIsB ? _b : _a, first * width, last - first, width, k, steps, slice + (nint)first * width * steps);
        }
    }

    // Guided: large shares first, small ones at the end, so that a thread which other processes slow down takes fewer.
    private bool Grab(int panels, int smallest, int largest, out int first, out int last)
    {
        while (true)
        {
            first = Volatile.Read(ref _next.Value);
            int left = panels - first;
            last = first + Math.Min(left, Math.Clamp(left / (2 * _threads), smallest, largest));
            if (left <= 0) return false;
            if (Interlocked.CompareExchange(ref _next.Value, last, first) == first) return true;
        }
    }

    private void MultiplyBlock(int first, int last, int k, float* whole, float* block, float* bounce)
    {
        int steps = Math.Min(_slice, _end - k);
        TileArguments tile = new()
        {
            Steps = steps, StrideA = _rows * sizeof(float), StrideB = _columns * sizeof(float), StrideC = _strideC * sizeof(float),
            Accumulate = _accumulate || k > 0 ? 1 : 0,
        };
        if (_wholeIsB)
        {
            whole += (nint)(k - _begin) * _wholePanels * _columns;
            Packing.Pack(_a, first * _rows, last - first, _rows, k, steps, block);
            for (int jp = 0; jp < _wholePanels; jp++)
                for (int ip = first; ip < last; ip++)
                {
                    tile.A = block + (nint)(ip - first) * _rows * steps;
                    tile.B = whole + (nint)jp * _columns * steps;
                    MultiplyTile(&tile, ip, jp, bounce);
                }
        }
        else
        {
            whole += (nint)(k - _begin) * _wholePanels * _rows;
            if (_readBInPlace) tile.StrideB = _b.Stride * sizeof(float);
            else Packing.Pack(_b, first * _columns, last - first, _columns, k, steps, block);
            for (int jp = first; jp < last; jp++)
                for (int ip = 0; ip < _wholePanels; ip++)
                {
                    tile.A = whole + (nint)ip * _rows * steps;
                    tile.B = _readBInPlace ? _b.At(jp * _columns, k) : block + (nint)(jp - first) * _columns * steps;
                    MultiplyTile(&tile, ip, jp, bounce);
                }
        }
    }

    private void MultiplyTile(TileArguments* tile, int ip, int jp, float* bounce)
    {
        int i = ip * _rows, j = jp * _columns;
        int rows = Math.Min(_rows, _a.Lines - i), columns = Math.Min(_columns, _b.Lines - j);
        float* c = _c + i * _strideC + j;
        int vectors = (columns + _lanes - 1) / _lanes, width = vectors * _lanes;
        if (columns == width)
        {
            tile->C = c;
            _kernel.Run(rows, vectors, tile);
            return;
        }

        // A last vector that C has no room for: the tile is computed aside.
        TileArguments aside = *tile;
        aside.C = bounce;
        aside.StrideC = width * sizeof(float);
        aside.Accumulate = 0;
        _kernel.Run(rows, vectors, &aside);
        for (int row = 0; row < rows; row++, bounce += width, c += _strideC)
            for (int column = 0; column < columns; column++)
                c[column] = tile->Accumulate != 0 ? c[column] + bounce[column] : bounce[column];
    }
}
