using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>The small matrix products of one attention head, on one thread, over operands that are packed once and used by many tiles of queries.</summary>
internal static unsafe class HeadProduct
{
    /// <summary>The widths of panels, and with them a row of any result, are rounded up to at most this many columns.</summary>
    public const int Lanes = 16;

    /// <summary>Rounds up to a whole number of the widest vectors, which is a cache line too.</summary>
    public static int Round(int columns) => (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary>Floats that <see cref="PackTransposed"/> needs at most.</summary>
    public static int PackedFloats(MicroKernel kernel, int columns, int steps) => Round((columns + kernel.Columns) * steps);

    /// <summary>The width of the panels that so many columns are cut into.</summary>
    public static int PanelWidth(MicroKernel kernel, int columns) => kernel.Width(Divide(columns, Divide(columns, kernel.Columns)));

    /// <summary>Packs an operand B that lies in memory as [columns, steps], <paramref name="stride"/> floats from row to row.</summary>
    public static void PackTransposed(MicroKernel kernel, float* from, int stride, int columns, int steps, float* to)
    {
        int width = PanelWidth(kernel, columns);
        Packing.Pack(new Operand(from, stride, columns, stepsAreRows: false), 0, Divide(columns, width), width, 0, steps, to);
    }

    /// <summary>c [rows, columns] = a·b, or c += a·b, with b from <see cref="PackTransposed"/>, where it had <paramref name="packedColumns"/>.</summary>
    /// <remarks>c gets columns up to the next multiple of <see cref="Lanes"/>. a's rows are <paramref name="aStride"/> floats apart.</remarks>
    public static void MultiplyPacked(MicroKernel kernel, int rows, int columns, int steps, float* a, int aStride, float* packed, int packedColumns, float* c, int cStride)
    {
        int width = PanelWidth(kernel, packedColumns);
        var tile = new TileArguments { RowStrideA = aStride * sizeof(float), StepStrideA = sizeof(float), StepStrideB = width * sizeof(float), RowStrideC = cStride * sizeof(float), Steps = steps };
        Run(kernel, &tile, rows, columns, width, a, aStride, packed, (nint)width * steps, c, cStride);
    }

    /// <summary>c [rows, columns] = a·b, or c += a·b, with b in memory as [steps, columns], each row filled up to a multiple of <see cref="Lanes"/>.</summary>
    /// <remarks>c gets columns up to that multiple as well.</remarks>
    /// <param name="kernel">The kernels in use.</param>
    /// <param name="rows">Rows of c.</param>
    /// <param name="columns">Columns of c.</param>
    /// <param name="steps">The length of each sum, at least 1.</param>
    /// <param name="a">a's first element.</param>
    /// <param name="aRow">Floats from one row of a to the next.</param>
    /// <param name="aStep">Floats from one step of a to the next.</param>
    /// <param name="b">b's first element.</param>
    /// <param name="bStride">Floats from one row of b to the next.</param>
    /// <param name="c">c's first element.</param>
    /// <param name="cStride">Floats from one row of c to the next.</param>
    /// <param name="accumulate">Adds to c.</param>
    public static void MultiplyRows(MicroKernel kernel, int rows, int columns, int steps, float* a, int aRow, int aStep, float* b, int bStride, float* c, int cStride, bool accumulate)
    {
        int width = PanelWidth(kernel, columns);
        var tile = new TileArguments
        {
            RowStrideA = aRow * sizeof(float),
            StepStrideA = aStep * sizeof(float),
            StepStrideB = bStride * sizeof(float),
            RowStrideC = cStride * sizeof(float),
            Steps = steps,
            Accumulate = accumulate ? 1 : 0,
        };
        Run(kernel, &tile, rows, columns, width, a, aRow, b, width, c, cStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(MicroKernel kernel, TileArguments* tile, int rows, int columns, int panelWidth, float* a, nint aRow, float* b, nint nextPanel, float* c, nint cStride)
    {
        bool alongK = tile->StepStrideA == sizeof(float);
        for (int column = 0; column < columns; column += panelWidth, b += nextPanel)
        {
            int width = Math.Min(panelWidth, columns - column), height = Divide(rows, Divide(rows, kernel.Rows(width, alongK)));
            int tiles = rows / height, rest = rows - tiles * height;
            tile->A = a;
            tile->B = b;
            tile->C = c + column;
            kernel.Run(height, width, tile, tiles, new TileStep(height * aRow, 0, height * cStride, 0));
            if (rest > 0) kernel.Run(rest, width, tile);
        }
    }

    private static int Divide(int x, int y) => (x + y - 1) / y;
}
