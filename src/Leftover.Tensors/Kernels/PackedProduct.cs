using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>y = x·Wᵀ over a packed weight, for any number of rows; made for few, where reading the weights is the work.</summary>
/// <remarks>
/// All rows meet a group of panels before the next group is read, so weights come from memory once; the next group is asked for meanwhile.
/// Many rows go in chunks that stay in the second-level cache. k is cut as in <see cref="BlockedProduct"/>, which with float32 weights gives
/// the same bits. An element depends on its row, its column and k alone.
/// </remarks>
internal static unsafe class PackedProduct
{
    private const int LongestSlice = 768;               // of k
    private const int ChunkRows = 96;
    private const long BlockBytes = 64 << 10;           // of weights that are worth a grab
    private const long SmallProduct = 60_000;           // multiply-adds that are not worth a team

    /// <summary>y = x·Wᵀ.</summary>
    /// <param name="team">Whose threads share the panels.</param>
    /// <param name="weight">W, [outputs, inputs].</param>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="y">[rows, outputs].</param>
    public static void Multiply(ThreadTeam team, PackedWeight weight, float* x, int rows, float* y)
    {
        if (rows == 0 || weight.Outputs == 0) return;
        if (weight.Inputs == 0)
        {
            for (int row = 0; row < rows; row++) new Span<float>(y + (long)row * weight.Outputs, weight.Outputs).Clear();
            return;
        }
        int chunks = Divide(rows, ChunkRows), chunk = Divide(rows, chunks), height = Divide(chunk, Divide(chunk, weight.Kernel.TallestTile));
        int panels = weight.Kernel.Panels(height), groups = Divide(weight.Panels, panels);
        bool alone = (long)rows * weight.Inputs * weight.Outputs < SmallProduct;
        long block = alone ? (long)chunks * groups : Math.Max(1, BlockBytes / (panels * weight.PanelBytes));
        team.For((long)chunks * groups, block, (_, start, end) =>
        {
            for (long unit = start; unit < end; unit++)
            {
                (long number, long group) = Math.DivRem(unit, groups);
                int first = (int)number * chunk, count = Math.Min(chunk, rows - first), panel = (int)group * panels, together = Math.Min(panels, weight.Panels - panel);
                var part = new RowsOfProduct(weight, x + (long)first * weight.Inputs, count, height, y + (long)first * weight.Outputs);
                if (together == panels && (panel + together) * weight.Kernel.Width <= weight.Outputs) part.Multiply(panel, panels);
                else
                    for (int i = panel; i < panel + together; i++) part.Multiply(i);
            }
        });
    }

    private static int Divide(int x, int y) => (x + y - 1) / y;

    /// <summary>A chunk of rows, and the tiles that it is cut into.</summary>
    private readonly ref struct RowsOfProduct(PackedWeight weight, float* x, int rows, int height, float* y)
    {
        private readonly int _slice = SliceOf(weight.Inputs);

        /// <summary>Panels that end within the outputs; as many as the kernel takes at a time, or one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Multiply(int panel, int panels)
        {
            byte* next = weight.Data + (panel + panels) * weight.PanelBytes;
            int tiles = Divide(rows, height), parts = tiles * Divide(weight.Inputs, _slice), part = 0;
            long share = panels * weight.PanelBytes / parts;
            for (int k = 0; k < weight.Inputs; k += _slice)
                for (int row = 0; row < rows; row += height, part++)
                {
                    PackedTile tile = Tile(panel, k, row, y + (long)row * weight.Outputs + panel * weight.Kernel.Width, weight.Outputs);
                    tile.Ahead = next + part * share;
                    tile.AheadStride = (nint)(share * 4 / tile.Steps);
                    weight.Kernel.Run(weight.Storage, Math.Min(height, rows - row), panels, &tile);
                }
        }

        /// <summary>One panel, which may reach beyond the outputs.</summary>
        public void Multiply(int panel)
        {
            int width = weight.Kernel.Width, columns = Math.Min(width, weight.Outputs - panel * width);
            if (columns == width)
            {
                Multiply(panel, 1);
                return;
            }
            float* aside = stackalloc float[height * width];
            for (int row = 0; row < rows; row += height)
            {
                int count = Math.Min(height, rows - row);
                for (int k = 0; k < weight.Inputs; k += _slice)
                {
                    PackedTile tile = Tile(panel, k, row, aside, width);
                    weight.Kernel.Run(weight.Storage, count, 1, &tile);
                }
                for (int i = 0; i < count; i++) new Span<float>(aside + i * width, columns).CopyTo(new Span<float>(y + (long)(row + i) * weight.Outputs + panel * width, columns));
            }
        }

        private PackedTile Tile(int panel, int k, int row, float* c, int strideC)
        {
            byte* b = weight.Data + panel * weight.PanelBytes + (long)k * weight.StepBytes;
            return new PackedTile
            {
                A = x + (long)row * weight.Inputs + k,
                RowStrideA = weight.Inputs * sizeof(float),
                B = b,
                PanelStrideB = (nint)weight.PanelBytes,
                C = c,
                RowStrideC = (nint)strideC * sizeof(float),
                Steps = Math.Min(_slice, weight.Inputs - k),
                Accumulate = k > 0 ? 1 : 0,
                Scales = weight.Scales != null && k + _slice >= weight.Inputs ? weight.Scales + panel * weight.Kernel.Width : null,
                Ahead = b,
            };
        }

        private static int SliceOf(int k)
        {
            int slices = Divide(k, LongestSlice);
            return slices == 1 ? k : (Divide(k, slices) + 15) & ~15;
        }
    }
}
