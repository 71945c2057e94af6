namespace Leftover.Tensors.Kernels;

/// <summary>The tiles that are assembled for one instruction set and element type: which shapes there are, and their code.</summary>
/// <remarks>
/// With 512-bit vectors 24 sums, 3 vectors of B and the broadcast values fill 28 or more of 32 registers; with 256 bits 12, 2 and 2 fill all 16:
/// 6 rows of 2 vectors reach 97 to 98 % of an FMA loop on Zen 3 where 4 rows of 3 reach 92 to 95. Both keep two multiply-add units of four cycles'
/// latency busy (bf16's six too), and leave their load units half idle. Few rows take wider tiles, and few columns narrower vectors, so that short
/// products have enough independent sums too.
/// </remarks>
/// <param name="encodings">The narrowest vectors first: 4 lanes, 8 and, where there are so many, 16.</param>
internal sealed class TileFamily(params TileEncoding[] encodings)
{
    /// <summary>Rows of the tallest tile.</summary>
    public const int TallestTile = 8;

    private const int LeastRowsOfKnownStrides = 4;

    /// <summary>fp32 with AVX2 and FMA.</summary>
    public static readonly TileFamily Avx2 = new(TileEncoding.Xmm, TileEncoding.Ymm);

    /// <summary>fp32 with AVX-512F.</summary>
    public static readonly TileFamily Avx512 = new(TileEncoding.Xmm, TileEncoding.Ymm, TileEncoding.Zmm);

    /// <summary>Pairs of bf16 with AVX512_BF16 and AVX512VL.</summary>
    public static readonly TileFamily BFloat16 = new(TileEncoding.XmmBFloat16, TileEncoding.YmmBFloat16, TileEncoding.ZmmBFloat16);

    private readonly TileEncoding _widest = encodings[^1];

    /// <inheritdoc cref="MicroKernel.Columns"/>
    public int Columns => (_widest.Registers == 32 ? 3 : 2) * Lanes;

    /// <summary>Processors with AVX-512 have caches of 1 MiB and more for it, many others 512 KiB or less, half of it another process's where it shares the core.</summary>
    public long BlockBytes => _widest.Registers == 32 ? 400 << 10 : 150 << 10;

    /// <summary>Rows that lie a multiple of 4 KiB apart share the places of a small first-level cache: 2 to 5 % on Zen 3. All others lose as much by packing.</summary>
    public int ColumnsForPackedRows(nint stride) => _widest.Registers == 32 || stride % 1024 != 0 ? int.MaxValue : 128;

    private int Lanes => _widest.Bytes / sizeof(float);

    /// <inheritdoc cref="MicroKernel.Width"/>
    public int Width(int columns) => columns <= 4 ? 4 : columns <= 8 ? 8 : (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary>The tallest tile of so many columns.</summary>
    public int Rows(int columns) => columns <= Lanes || _widest.Registers == 32 ? TallestTile : 6;

    /// <inheritdoc cref="MicroKernel.WidestTile"/>
    public int WidestTile(int rows) => TileAssembler.WidestTile(_widest, rows) * Lanes;

    /// <inheritdoc cref="MicroKernel.Pitch"/>
    public static int Pitch(int rows) => rows is > 4 and < 8 ? 8 : rows;

    /// <summary>Every tile there is: all sizes for any strides, and for known ones those that products over packed panels are made of.</summary>
    public IEnumerable<TileShape> Shapes()
    {
        for (int rows = 1; rows <= TallestTile; rows++)
        {
            foreach (TileEncoding encoding in encodings[..^1]) yield return new TileShape(encoding, rows, 1, TileStrides.Any);
            for (int vectors = 1; vectors <= TileAssembler.WidestTile(_widest, rows); vectors++)
            {
                yield return new TileShape(_widest, rows, vectors, TileStrides.Any);
                if (rows < LeastRowsOfKnownStrides || vectors * Lanes > Columns) continue;
                yield return new TileShape(_widest, rows, vectors, TileStrides.AlongK);
                yield return new TileShape(_widest, rows, vectors, TileStrides.Packed);
            }
        }
    }

    /// <summary>What is known of the strides of a tile's arguments.</summary>
    public static unsafe TileStrides StridesOf(int rows, int width, TileArguments* tile) =>
        tile->StepStrideB != width * sizeof(float) ? TileStrides.Any
        : tile->StepStrideA == sizeof(float) ? TileStrides.AlongK
        : tile->StepStrideA == Pitch(rows) * sizeof(float) && tile->RowStrideA == sizeof(float) ? TileStrides.Packed
        : TileStrides.Any;

    /// <summary>The place of a tile among the offsets; widths are multiples of 4, up to 16 vectors of 16.</summary>
    public static int Index(TileStrides strides, int rows, int width) => ((int)strides * (TallestTile + 1) + rows) * 65 + width / 4;

    /// <summary>The code of all tiles, each on a cache line of its own, and where each begins: −1 where there is none. A tile without code for known strides has there that for any.</summary>
    public (byte[] Code, int[] Offsets) Assemble(bool windows)
    {
        using var code = new MemoryStream();
        int[] offsets = [.. Enumerable.Repeat(-1, Index(TileStrides.Packed, TallestTile + 1, 0))];
        foreach (TileShape shape in Shapes())
        {
            code.SetLength((code.Length + 63) / 64 * 64);
            code.Position = code.Length;
            offsets[Index(shape.Strides, shape.Rows, shape.Width)] = (int)code.Position;
            code.Write(new TileAssembler(shape).Assemble(windows));
        }
        int one = Index(TileStrides.AlongK, 0, 0);
        for (int i = one; i < offsets.Length; i++)
            if (offsets[i] < 0) offsets[i] = offsets[i % one];
        return (code.ToArray(), offsets);
    }
}
