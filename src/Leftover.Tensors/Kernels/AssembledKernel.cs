using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Kernels;

/// <summary>Tiles assembled for x64: 8 rows by 48 columns with AVX-512, 6 by 16 with AVX2, and all smaller ones.</summary>
/// <remarks>Few columns of an A along k are <see cref="FewColumnsTile"/>'s.</remarks>
internal sealed unsafe class AssembledKernel : MicroKernel
{
    private readonly TileFamily _family;
    private readonly delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>[] _tiles;

    private AssembledKernel(TileFamily family, byte* code, int[] offsets)
    {
        _family = family;
        _tiles = new delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>[offsets.Length];
        for (int i = 0; i < offsets.Length; i++)
            if (offsets[i] >= 0) _tiles[i] = (delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>)(code + offsets[i]);
    }

    public override int Columns => _family.Columns;

    public override long BlockBytes => _family.BlockBytes;

    public override int Width(int columns) => _family.Width(columns);

    public override int Rows(int columns, bool alongK) => alongK && columns <= FewColumnsTile.Columns ? FewColumnsTile.Rows : _family.Rows(columns);

    public override int ColumnsForPackedRows(nint stride) => _family.ColumnsForPackedRows(stride);

    public override int Pitch(int rows) => TileFamily.Pitch(rows);

    public override int WidestTile(int rows) => _family.WidestTile(rows);

    public override void Run(int rows, int columns, TileArguments* tile)
    {
        if (rows <= TileFamily.TallestTile) RunTile(rows, Width(columns), tile);
        else if (rows == FewColumnsTile.Rows) FewColumnsTile.Run(columns, tile);
        else
        {
            // The last rows of a matrix with few columns: two tiles.
            TileArguments rest = *tile;
            RunTile(TileFamily.TallestTile, Width(columns), tile);
            rest.A = (float*)((byte*)rest.A + TileFamily.TallestTile * rest.RowStrideA);
            rest.C = (float*)((byte*)rest.C + TileFamily.TallestTile * rest.RowStrideC);
            RunTile(rows - TileFamily.TallestTile, Width(columns), &rest);
        }
    }

    public override void Run(int rows, int columns, TileArguments* tile, int count, in TileStep next)
    {
        if (rows > TileFamily.TallestTile)
        {
            base.Run(rows, columns, tile, count, next);
            return;
        }
        var code = Code(rows, Width(columns), tile);
        for (int i = 0; i < count; i++, next.Advance(tile)) code(tile);
    }

    private void RunTile(int rows, int width, TileArguments* tile) => Code(rows, width, tile)(tile);

    private delegate* unmanaged[SuppressGCTransition]<TileArguments*, void> Code(int rows, int width, TileArguments* tile) =>
        _tiles[TileFamily.Index(TileFamily.StridesOf(rows, width, tile), rows, width)];

    /// <summary>The fp32 kernels of an instruction set, or null where it has none, the system refuses to run them, or they compute nonsense.</summary>
    public static AssembledKernel? TryCreate(InstructionSet set)
    {
        if (set == InstructionSet.Portable || !Instructions.Available.Contains(set)) return null;
        return TryCreate(set == InstructionSet.Avx512 ? TileFamily.Avx512 : TileFamily.Avx2, Pack);

        static float Pack(int even, int odd) => even;
    }

    /// <summary>The kernels over pairs of bf16, or null where the processor has no such instruction, the system refuses to run them, or they compute nonsense.</summary>
    public static AssembledKernel? TryCreateBFloat16()
    {
        if (!Instructions.ProcessorHasBFloat16 || !Instructions.Available.Contains(InstructionSet.Avx512)) return null;
        return TryCreate(TileFamily.BFloat16, Pack);

        static float Pack(int even, int odd) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(even) >> 16 | BitConverter.SingleToUInt32Bits(odd));
    }

    private static AssembledKernel? TryCreate(TileFamily family, Func<int, int, float> pack)
    {
        (byte[] code, int[] offsets) = family.Assemble(OperatingSystem.IsWindows());
        byte* published = ExecutableCode.Publish(code);
        if (published == null) return null;
        var kernel = new AssembledKernel(family, published, offsets);
        return kernel.PassesSelfTest(pack) ? kernel : null;
    }

    // Small whole numbers, exact in bf16 as their sums are in fp32: C = 1 + A·B, with A[i, k] = i + k and B[k, j] = j - k at the even step of a
    // pair and 2 and k + 1 at the odd one, which fp32 leaves out.
    private bool PassesSelfTest(Func<int, int, float> pack)
    {
        const int steps = 5;
        int columns = Columns, rows = Rows(columns, alongK: false), oddCounts = pack(0, 1) == 0 ? 0 : 1;
        using var block = new NativeBlock(steps * (rows + columns) + rows * columns);
        float* a = block.Pointer, b = a + steps * rows, c = b + steps * columns;
        for (int k = 0; k < steps; k++)
        {
            for (int i = 0; i < rows; i++) a[k * rows + i] = pack(i + k, 2);
            for (int j = 0; j < columns; j++) b[k * columns + j] = pack(j - k, k + 1);
        }
        new Span<float>(c, rows * columns).Fill(1);
        TileArguments tile = new()
        {
            A = a,
            RowStrideA = sizeof(float),
            StepStrideA = rows * sizeof(float),
            B = b,
            StepStrideB = columns * sizeof(float),
            C = c,
            RowStrideC = columns * sizeof(float),
            Steps = steps,
            Accumulate = 1,
        };
        Run(rows, columns, &tile);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
            {
                float expected = 1;
                for (int k = 0; k < steps; k++) expected += (i + k) * (j - k) + oddCounts * 2 * (k + 1);
                if (c[i * columns + j] != expected) return false;
            }
        return true;
    }
}
