using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Kernels;

/// <summary>Tiles assembled for x64: 8 rows by 48 columns with AVX-512, 4 by 24 with AVX2, and all smaller ones.</summary>
/// <remarks>
/// With 512-bit vectors 24 sums, 3 vectors of B and the broadcast values fill 28 or more of 32 registers; with 256 bits 12, 3 and 1 fill all 16.
/// Both keep two multiply-add units of four cycles' latency busy, and leave their load units half idle. Few rows take wider tiles, and few
/// columns narrower vectors, so that short products have enough independent sums too. Few columns of an A along k are <see cref="FewColumnsTile"/>'s.
/// </remarks>
internal sealed unsafe class AssembledKernel : MicroKernel
{
    private const int TallestTile = 8;

    private readonly TileEncoding _widest;
    private readonly delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>[] _tiles;

    private AssembledKernel(TileEncoding widest, byte* code, int[] offsets)
    {
        _widest = widest;
        _tiles = new delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>[offsets.Length];
        for (int i = 0; i < offsets.Length; i++)
            if (offsets[i] >= 0) _tiles[i] = (delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>)(code + offsets[i]);
    }

    public override int Columns => 3 * Lanes;

    private int Lanes => _widest.Bytes / sizeof(float);

    public override int Width(int columns) => columns <= 4 ? 4 : columns <= 8 ? 8 : (columns + Lanes - 1) / Lanes * Lanes;

    public override int Rows(int columns, bool alongK) =>
        alongK && columns <= FewColumnsTile.Columns ? FewColumnsTile.Rows : columns <= Lanes || _widest.Registers == 32 ? TallestTile : 4;

    public override int WidestTile(int rows) => TileAssembler.WidestTile(_widest, rows) * Lanes;

    public override void Run(int rows, int columns, TileArguments* tile)
    {
        if (rows <= TallestTile) _tiles[Index(rows, Width(columns))](tile);
        else if (rows == FewColumnsTile.Rows) FewColumnsTile.Run(columns, tile);
        else
        {
            // The last rows of a matrix with few columns: two tiles.
            TileArguments rest = *tile;
            _tiles[Index(TallestTile, Width(columns))](tile);
            rest.A = (float*)((byte*)rest.A + TallestTile * rest.RowStrideA);
            rest.C = (float*)((byte*)rest.C + TallestTile * rest.RowStrideC);
            _tiles[Index(rows - TallestTile, Width(columns))](&rest);
        }
    }

    /// <summary>The kernels of an instruction set, or null where it has none, the system refuses to run them, or they compute nonsense.</summary>
    public static AssembledKernel? TryCreate(InstructionSet set)
    {
        if (set == InstructionSet.Portable || !Instructions.Available.Contains(set)) return null;
        TileEncoding widest = set == InstructionSet.Avx512 ? TileEncoding.Zmm : TileEncoding.Ymm;

        using var code = new MemoryStream();
        int[] offsets = [.. Enumerable.Repeat(-1, Index(TallestTile + 1, 0))];
        foreach ((TileEncoding encoding, int rows, int vectors) in Shapes(widest))
        {
            code.SetLength((code.Length + 63) / 64 * 64);
            code.Position = code.Length;
            offsets[Index(rows, vectors * encoding.Bytes / sizeof(float))] = (int)code.Position;
            code.Write(new TileAssembler(encoding, rows, vectors).Assemble(OperatingSystem.IsWindows()));
        }
        byte* published = ExecutableCode.Publish(code.ToArray());
        if (published == null) return null;
        var kernel = new AssembledKernel(widest, published, offsets);
        return kernel.PassesSelfTest() ? kernel : null;
    }

    private static IEnumerable<(TileEncoding Encoding, int Rows, int Vectors)> Shapes(TileEncoding widest)
    {
        for (int rows = 1; rows <= TallestTile; rows++)
        {
            yield return (TileEncoding.Xmm, rows, 1);
            if (widest != TileEncoding.Ymm) yield return (TileEncoding.Ymm, rows, 1);
            for (int vectors = 1; vectors <= TileAssembler.WidestTile(widest, rows); vectors++) yield return (widest, rows, vectors);
        }
    }

    // Widths are multiples of 4, up to 16 vectors of 16.
    private static int Index(int rows, int width) => rows * 65 + width / 4;

    // Small whole numbers, whose sums are exact: C = 1 + A·B, with A[i, k] = i + k and B[k, j] = j - k.
    private bool PassesSelfTest()
    {
        const int steps = 5;
        int columns = Columns, rows = Rows(columns, alongK: false);
        using var block = new NativeBlock(steps * (rows + columns) + rows * columns);
        float* a = block.Pointer, b = a + steps * rows, c = b + steps * columns;
        for (int k = 0; k < steps; k++)
        {
            for (int i = 0; i < rows; i++) a[k * rows + i] = i + k;
            for (int j = 0; j < columns; j++) b[k * columns + j] = j - k;
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
                for (int k = 0; k < steps; k++) expected += (i + k) * (j - k);
                if (c[i * columns + j] != expected) return false;
            }
        return true;
    }
}
