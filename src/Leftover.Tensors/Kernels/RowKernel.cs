using System.Numerics;
using System.Runtime.CompilerServices;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Kernels;

/// <summary>Loops over the rows of a matrix, on all cores, and the plainest of what is done there.</summary>
/// <remarks>Blocks of rows have a size that follows from the shape alone, and partial sums are added in the blocks' order.</remarks>
internal static unsafe class RowKernel
{
    // 64 KiB: far more work than handing out a block costs, and still in the second-level cache when a block is read again.
    private const int BlockFloats = 16384;

    /// <summary>The rows that one partial sum of a column covers.</summary>
    public const int RowsOfSum = 64;

    /// <summary>How many rows of that many columns make a block.</summary>
    public static long RowsOfBlock(int columns) => Math.Max(1, BlockFloats / Math.Max(1, columns));

    /// <summary>Runs <paramref name="body"/> over blocks of rows, in parallel.</summary>
    public static void ForRows(int rows, int columns, RangeBody body) => ThreadTeam.Shared.For(rows, RowsOfBlock(columns), body);

    /// <summary>Runs <paramref name="body"/> over blocks of single floats, in parallel.</summary>
    public static void ForElements(long length, RangeBody body) => ThreadTeam.Shared.For(length, BlockFloats, body);

    /// <summary>x += v in rows <paramref name="start"/> … <paramref name="end"/>; x is [rows, C], v is [C].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddVector(float* x, float* v, int columns, long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            float* p = x + row * columns;
            int c = 0;
            for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
                (Vector.Load(p + c) + Vector.Load(v + c)).Store(p + c);
            for (; c < columns; c++) p[c] += v[c];
        }
    }

    /// <summary>dst = src, or dst += src; both are [length].</summary>
    public static void Accumulate(float* source, float* destination, long length, bool accumulate) => ForElements(length, (_, start, end) =>
    {
        if (!accumulate)
        {
            Buffer.MemoryCopy(source + start, destination + start, (end - start) * sizeof(float), (end - start) * sizeof(float));
            return;
        }
        AddVector(destination + start, source + start, (int)(end - start), 0, 1);
    });

    /// <summary>mean = the mean of x's rows; x is [rows, C], at least one row, mean is [C]. Added row by row, on one thread.</summary>
    public static void MeanOfRows(float* x, int rows, int columns, float* mean)
    {
        Buffer.MemoryCopy(x, mean, (long)columns * sizeof(float), (long)columns * sizeof(float));
        for (int row = 1; row < rows; row++) AddVector(mean, x + (long)row * columns, columns, 0, 1);
        AttentionTiles.Move(mean, 1f / rows, mean, columns, accumulate: false);
    }

    /// <summary>Zeroes [length] floats.</summary>
    public static void Clear(float* x, long length) => ForElements(length, (_, start, end) => new Span<float>(x + start, (int)(end - start)).Clear());

    /// <summary>sum = Σ_row x[row], or sum += it; x is [rows, C], sum is [C].</summary>
    public static void SumRows(float* x, int rows, int columns, float* sum, bool accumulate)
    {
        int blocks = (rows + RowsOfSum - 1) / RowsOfSum;
        Block partial = Block.Rent(blocks * columns);
        float* partials = partial.Pointer;
        ThreadTeam.Shared.For(rows, RowsOfSum, (_, start, end) =>
        {
            float* into = partials + start / RowsOfSum * columns;
            Buffer.MemoryCopy(x + start * columns, into, (long)columns * sizeof(float), (long)columns * sizeof(float));
            long row = start + 1;
            for (; row <= end - 4; row += 4) AddFourRows(x + row * columns, into, columns);
            for (; row < end; row++) AddVector(into, x + row * columns, columns, 0, 1);
        });
        SumPartials(partials, blocks, columns, columns, sum, accumulate);
        partial.Return();
    }

    /// <summary>sum = Σ_block partials[block], or sum += it, in the blocks' order; each is [C], <paramref name="stride"/> floats apart.</summary>
    public static void SumPartials(float* partials, int blocks, int stride, int columns, float* sum, bool accumulate) =>
        ThreadTeam.Shared.For(columns, 2048, (_, start, end) =>
        {
            int length = (int)(end - start);
            if (!accumulate) new Span<float>(sum + start, length).Clear();
            for (int b = 0; b < blocks; b++) AddVector(sum + start, partials + (long)b * stride + start, length, 0, 1);
        });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourRows(float* x, float* into, int columns)
    {
        float* x1 = x + columns, x2 = x1 + columns, x3 = x2 + columns;
        int c = 0;
        for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
            (Vector.Load(into + c) + (Vector.Load(x + c) + Vector.Load(x1 + c)) + (Vector.Load(x2 + c) + Vector.Load(x3 + c))).Store(into + c);
        for (; c < columns; c++) into[c] = into[c] + (x[c] + x1[c]) + (x2[c] + x3[c]);
    }
}
