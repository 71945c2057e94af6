using System.Runtime.InteropServices;

namespace Leftover.Tensors.Kernels;

/// <summary>One matrix product, cut into tiles for a micro-kernel and into blocks for a team.</summary>
/// <remarks>
/// <para>
/// The micro-kernel wants the columns of B side by side, so B is packed into panels, unless its rows are so already and few rows of A use them.
/// A is read where it is if it is not transposed, unless its rows come into each other's way in cache; a transposed A is packed, unless it is
/// small. Few rows times a transposed B (y = x·Wᵀ, decoding) are computed as Cᵀ = B·Aᵀ: then the large matrix is the one that is read in place.
/// </para>
/// <para>
/// k is cut into slices, so that a panel of A lies in the first-level cache. The operand with fewer lines is packed whole, by all threads
/// together, or where it is small by each for itself; the other is packed block by block into a buffer of the thread which stays in its
/// second-level cache, and threads take those blocks one after another, large ones first.
/// </para>
/// <para>
/// In bf16 both operands are packed always, and rounded on the way; a step is then a pair of k (<see cref="PackedElement"/>).
/// </para>
/// <para>
/// How k is cut depends on k alone, and a tile's sums do not depend on its shape (<see cref="MicroKernel"/>). So an element of C is the same bits
/// for any number of threads, and whatever the other rows and columns of the product are.
/// </para>
/// </remarks>
internal sealed unsafe class BlockedProduct : ITeamJob
{
    private const int LongestSlice = 768;                    // steps of k, in bf16 pairs of them; 8 rows of A are then 24 KiB
    private const long WholeFloats = 1200 << 10;             // of the whole operand; beyond, k is walked in stretches of several slices
    private const long SmallFloats = 16 << 10;               // of a transposed A that is read in place, or of a whole operand that stays in cache
    private const long SharedFloats = 64 << 10;              // of a whole operand that threads pack together
    private const int MostPacked = 8;                        // panels of it at a time
    private const long SmallestTask = 250_000;               // multiply-adds that are worth a grab
    private const long SmallestParallel = 60_000;            // multiply-adds that are worth a team
    private const int TouchingCost = 16;                     // of one value of an operand, in multiply-adds
    private const int FewRows = 16;                          // B is read in place where so few rows use it

    [ThreadStatic] private static BlockedProduct? t_current;

    private MicroKernel _kernel = null!;
    private Operand _a, _b;
    private float* _c, _bias;
    private nint _strideC;
    private int _k;
    private PackedElement _element;
    private int _steps;                                      // of the whole product: what tiles walk over, 4 bytes of each line at a time
    private bool _accumulate, _transposeC;

    private bool _wholeIsB, _aInPlace, _bInPlace;
    private int _rows, _columns;                             // of a full tile
    private int _rowPitch;                                   // floats from one step of a packed panel of A to the next
    private int _slice;                                      // steps of a slice
    private int _stretch;                                    // steps for which the whole operand is packed at a time
    private int _blockPanels, _wholePanels;                  // of each side
    private int _smallestGrab, _largestGrab;                 // panels of the blocked side
    private int _threads;

    // The steps that the job now works on.
    private int _begin, _end;
    private bool _packOnly;
    private float* _sharedWhole;
    private Line _next;

    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Line
    {
        [FieldOffset(64)] public int Value;
    }

    private int WholeWidth => _wholeIsB ? _columns : _rows;
    private int WholePitch => _wholeIsB ? _columns : _rowPitch;
    private int BlockWidth => _wholeIsB ? _rows : _columns;
    private int BlockPitch => _wholeIsB ? _rowPitch : _columns;
    private bool WholeInPlace => _wholeIsB ? _bInPlace : _aInPlace;
    private bool BlockInPlace => _wholeIsB ? _aInPlace : _bInPlace;

    /// <summary>C = A·B (+ C) (+ bias).</summary>
    public static void Multiply(ProductKernel kernel, ThreadTeam team, in Operand a, in Operand b, int k, float* c, nint strideC, bool accumulate, float* bias)
    {
        BlockedProduct product = t_current ??= new BlockedProduct();
        (product._kernel, product._element) = (kernel.Tiles, kernel.Element);
        product._k = k;
        product._c = c;
        product._bias = bias;
        (product._strideC, product._accumulate) = (strideC, accumulate);

        // Cᵀ = B·Aᵀ saves the packing of B, some 6 multiply-adds for each of its values, and costs a transposition of each tile of C.
        product._transposeC = kernel.Element == PackedElement.Float32 && !b.StepsAreRows && a.Lines < b.Lines && a.Lines <= k / 4;
        (product._a, product._b) = product._transposeC ? (b, a) : (a, b);
        product.Plan(team);
        product.Run(team);
    }

    private void Plan(ThreadTeam team)
    {
        int m = _a.Lines, n = _b.Lines;
        _threads = ThreadTeam.IsInsideJob || (long)m * n * _k + ((long)m + n) * _k * TouchingCost < SmallestParallel ? 1 : team.Size;
        PlanTiles(m, n);
        _rowPitch = _element == PackedElement.Float32 ? _kernel.Pitch(_rows) : _rows;

        // Counted in what bf16 holds in 4 bytes, so that both forms of it cut k at the same places.
        int stepsOfUnit = _element == PackedElement.RoundedFloat32 ? 2 : 1, units = _element == PackedElement.Float32 ? _k : Divide(_k, 2);
        int slices = Divide(units, LongestSlice);
        _slice = stepsOfUnit * (slices == 1 ? units : (Divide(units, slices) + 15) & ~15);
        _steps = stepsOfUnit * units;
        _wholeIsB = n <= m && !_bInPlace;
        (int blockLines, int wholeLines) = _wholeIsB ? (m, n) : (n, m);
        _blockPanels = Divide(blockLines, BlockWidth);
        _wholePanels = Divide(wholeLines, WholeWidth);
        _stretch = StretchLength(Divide(_steps, _slice));

        int fitting = (int)Math.Max(1, _kernel.BlockBytes / sizeof(float) / ((long)BlockPitch * _slice));
        _largestGrab = Math.Min(fitting, Divide(_blockPanels, _threads));
        long panelWork = (long)BlockWidth * Math.Min(_steps, _stretch) * (wholeLines + TouchingCost);
        _smallestGrab = (int)Math.Clamp(SmallestTask / panelWork, 1, _largestGrab);
    }

    private void PlanTiles(int m, int n)
    {
        if (_element != PackedElement.Float32)
        {
            _columns = PanelWidth(n, _kernel.Columns);
            _rows = _kernel.Rows(Math.Min(n, _columns), alongK: false);
            (_aInPlace, _bInPlace) = (false, false);
            return;
        }
        int tallest = _kernel.Rows(_kernel.Columns, alongK: false);
        int fewRows = Divide(m, Divide(m, tallest));         // of equal panels: 9 rows are 5 + 4
        int wide = PanelWidth(n, _kernel.WidestTile(fewRows)), lastWide = n - (Divide(n, wide) - 1) * wide;
        _bInPlace = _b.StepsAreRows && m <= FewRows && lastWide == _kernel.Width(lastWide);
        _columns = _bInPlace ? wide : PanelWidth(n, _kernel.Columns);
        _rows = _bInPlace ? fewRows : _kernel.Rows(Math.Min(n, _columns), alongK: !_a.StepsAreRows);
        _aInPlace = n <= _columns || (_a.StepsAreRows ? (long)m * _k <= SmallFloats : n < _kernel.ColumnsForPackedRows(_a.Stride));
    }

    // Wide panels, but no narrow one at the end: 64 columns are 32 + 32, not 48 + 16.
    private int PanelWidth(int lines, int widest) => _kernel.Width(Divide(lines, Divide(lines, widest)));

    // As many slices as WholeFloats hold, in equal shares.
    private int StretchLength(int slices)
    {
        int together = (int)Math.Clamp(WholeFloats / ((long)_wholePanels * WholePitch * _slice), 1, slices);
        return Divide(slices, Divide(slices, together)) * _slice;
    }

    private static int Divide(int x, int y) => (x + y - 1) / y;

    private void Run(ThreadTeam team)
    {
        for (_begin = 0; _begin < _steps; _begin += _stretch)
        {
            _end = Math.Min(_steps, _begin + _stretch);
            _sharedWhole = null;
            if (!WholeInPlace && _threads > 1 && WholeSize() > SharedFloats)
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
        int first, last;
        if (_packOnly)
        {
            while (Grab(_wholePanels, 1, MostPacked, out first, out last)) PackWhole(_sharedWhole, first, last);
            return;
        }
        Scratch scratch = Scratch.Current;
        float* whole = _sharedWhole;
        if (whole == null && !WholeInPlace) PackWhole(whole = scratch.Whole(WholeSize()), 0, _wholePanels);
        float* bounce = scratch.Blocked(_rows * _columns + (BlockInPlace ? 0 : (long)_largestGrab * BlockPitch * _slice));

        // Where nothing is packed and the other side stays in cache, each panel is read from end to end.
        bool panelByPanel = BlockInPlace && WholeSize() <= SmallFloats;
        while (Grab(_blockPanels, _smallestGrab, _largestGrab, out first, out last))
            for (int panel = first; panel < last; panel = panelByPanel ? panel + 1 : last)
                for (int k = _begin; k < _end; k += _slice)
                    MultiplyBlock(panel, panelByPanel ? panel + 1 : last, k, whole, block: bounce + _rows * _columns, bounce);
    }

    private long WholeSize() => (long)_wholePanels * WholePitch * (_end - _begin);

    private void PackWhole(float* target, int first, int last)
    {
        for (int k = _begin; k < _end; k += _slice)
        {
            int steps = Math.Min(_slice, _end - k);
            float* slice = target + (nint)(k - _begin) * _wholePanels * WholePitch;
            Packing.Pack(_wholeIsB ? _b : _a, _element, _k, first * WholeWidth, last - first, WholeWidth, WholePitch, k, steps, slice + (nint)first * WholePitch * steps);
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
        if (!BlockInPlace) Packing.Pack(_wholeIsB ? _a : _b, _element, _k, first * BlockWidth, last - first, BlockWidth, BlockPitch, k, steps, block);
        whole += (nint)(k - _begin) * _wholePanels * WholePitch;
        block -= (nint)first * BlockPitch * steps;                                       // where panel 0 would be
        float* panelA = _aInPlace ? _a.At(0, k) : _wholeIsB ? block : whole, panelB = _bInPlace ? _b.At(0, k) : _wholeIsB ? whole : block;
        nint nextA = !_aInPlace ? (nint)_rowPitch * steps : _rows * (_a.StepsAreRows ? 1 : _a.Stride), nextB = _columns * (_bInPlace ? 1 : steps);
        TileArguments tile = new()
        {
            RowStrideA = sizeof(float) * (_a.StepsAreRows || !_aInPlace ? 1 : _a.Stride),
            StepStrideA = sizeof(float) * (!_aInPlace ? _rowPitch : _a.StepsAreRows ? _a.Stride : 1),
            StepStrideB = sizeof(float) * (_bInPlace ? _b.Stride : _columns),
            Steps = steps,
            Accumulate = _accumulate || k > 0 ? 1 : 0,
        };
        float* bias = k + steps < _steps ? null : _bias;                                 // what is added last
        (int rowFirst, int rowLast) = _wholeIsB ? (first, last) : (0, _wholePanels);
        (int columnFirst, int columnLast) = _wholeIsB ? (0, _wholePanels) : (first, last);

        // A panel of B is the larger one and stays for the inner loop; but panels of a whole A come from farther away than those of the block.
        bool readsOn = _aInPlace && !_a.StepsAreRows && _a.Stride == _k && WholeSize() <= SmallFloats;      // through a matrix without gaps
        bool columnsOutside = _wholeIsB || _bInPlace;
        (int outerFirst, int outerLast, int innerFirst, int innerLast) =
            columnsOutside ? (columnFirst, columnLast, rowFirst, rowLast) : (rowFirst, rowLast, columnFirst, columnLast);
        bool alike = !_transposeC && !readsOn;
        TileStep next = columnsOutside ? new TileStep(nextA, 0, _rows * _strideC, 0) : new TileStep(0, nextB, _columns, bias == null ? 0 : _columns);
        for (int outer = outerFirst; outer < outerLast; outer++)
        {
            int inner = innerFirst, alikeEnd = alike ? Math.Min(innerLast, FullTiles(columnsOutside, outer)) : 0;
            for (int count; inner < innerLast; inner += count)
            {
                (int ip, int jp) = columnsOutside ? (inner, outer) : (outer, inner);
                count = Math.Max(1, alikeEnd - inner);
                tile.A = panelA + ip * nextA;
                if (readsOn) tile.Ahead = _a.At((ip + 1) * _rows, 0) + (nint)k * _rows;
                tile.B = panelB + jp * nextB;
                MultiplyTiles(&tile, ip * _rows, jp * _columns, count, next, bias, bounce);
            }
        }
    }

    // How many inner panels there are whose tiles with this outer one lie wholly in C.
    private int FullTiles(bool columnsOutside, int outer)
    {
        (int rowPanels, int columnPanels) = (_a.Lines / _rows, _b.Lines / _columns);
        return columnsOutside ? outer < columnPanels ? rowPanels : 0 : outer < rowPanels ? columnPanels : 0;
    }

    // Several only where they lie wholly in C, and C is not transposed.
    private void MultiplyTiles(TileArguments* tile, int i, int j, int count, in TileStep next, float* bias, float* bounce)
    {
        int rows = Math.Min(_rows, _a.Lines - i), columns = Math.Min(_columns, _b.Lines - j), width = _kernel.Width(columns);
        float* c = _transposeC ? _c + j * _strideC + i : _c + i * _strideC + j;
        if (columns == width && !_transposeC)
        {
            tile->C = c;
            tile->RowStrideC = _strideC * sizeof(float);
            tile->Bias = bias == null ? null : bias + j;
            _kernel.Run(rows, columns, tile, count, next);
            return;
        }

        // Aside, where there is room for columns that C lacks, or for the tile's transposed.
        if (tile->Accumulate != 0)
        {
            if (_transposeC) Packing.Transpose(c, _strideC, columns, rows, bounce, width);
            else Copy(c, _strideC, rows, columns, bounce, width);
        }
        tile->C = bounce;
        tile->RowStrideC = width * sizeof(float);
        tile->Bias = null;                                   // its last values may have none behind them
        _kernel.Run(rows, columns, tile);
        if (_transposeC) Packing.Transpose(bounce, width, rows, columns, c, _strideC);
        else Copy(bounce, width, rows, columns, c, _strideC);
        if (bias == null) return;
        (int lines, int values, int first) = _transposeC ? (columns, rows, i) : (rows, columns, j);
        for (int line = 0; line < lines; line++) RowKernel.AddVector(c + line * _strideC, bias + first, values, 0, 1);
    }

    private static void Copy(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
    {
        for (int row = 0; row < rows; row++, from += fromStride, to += toStride) new Span<float>(from, columns).CopyTo(new Span<float>(to, columns));
    }
}
