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

    /// <summary>fp32 with AVX2 and FMA.</summary>
    public static readonly TileFamily Avx2 = new(TileEncoding.Xmm, TileEncoding.Ymm);

    /// <summary>fp32 with AVX-512F.</summary>
    public static readonly TileFamily Avx512 = new(TileEncoding.Xmm, TileEncoding.Ymm, TileEncoding.Zmm);

    /// <summary>Pairs of bf16 with AVX512_BF16 and AVX512VL.</summary>
    public static readonly TileFamily BFloat16 = new(TileEncoding.XmmBFloat16, TileEncoding.YmmBFloat16, TileEncoding.ZmmBFloat16);

    private readonly TileEncoding _widest = encodings[^1];

    /// <inheritdoc cref="MicroKernel.Columns"/>
    public int Columns => (_widest.Registers == 32 ? 3 : 2) * Lanes;

    /// <summary>Processors with AVX-512 have caches of 1 MiB and more for it, many others 512 KiB or less.</summary>
    public long BlockBytes => _widest.Registers == 32 ? 400 << 10 : 200 << 10;

    private int Lanes => _widest.Bytes / sizeof(float);

    /// <inheritdoc cref="MicroKernel.Width"/>
    public int Width(int columns) => columns <= 4 ? 4 : columns <= 8 ? 8 : (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary>The tallest tile of so many columns.</summary>
    public int Rows(int columns) => columns <= Lanes || _widest.Registers == 32 ? TallestTile : 6;

    /// <inheritdoc cref="MicroKernel.WidestTile"/>
    public int WidestTile(int rows) => TileAssembler.WidestTile(_widest, rows) * Lanes;

    /// <summary>Every tile there is.</summary>
    public IEnumerable<(TileEncoding Encoding, int Rows, int Vectors)> Shapes()
    {
        for (int rows = 1; rows <= TallestTile; rows++)
        {
            foreach (TileEncoding encoding in encodings[..^1]) yield return (encoding, rows, 1);
            for (int vectors = 1; vectors <= TileAssembler.WidestTile(_widest, rows); vectors++) yield return (_widest, rows, vectors);
        }
    }

    /// <summary>The place of a tile among the offsets; widths are multiples of 4, up to 16 vectors of 16.</summary>
    public static int Index(int rows, int width) => rows * 65 + width / 4;

    /// <summary>The code of all tiles, each on a cache line of its own, and where each begins: −1 where there is none.</summary>
    public (byte[] Code, int[] Offsets) Assemble(bool windows)
    {
        using var code = new MemoryStream();
        int[] offsets = [.. Enumerable.Repeat(-1, Index(TallestTile + 1, 0))];
        foreach ((TileEncoding encoding, int rows, int vectors) in Shapes())
        {
            code.SetLength((code.Length + 63) / 64 * 64);
            code.Position = code.Length;
            offsets[Index(rows, vectors * encoding.Bytes / sizeof(float))] = (int)code.Position;
            code.Write(new TileAssembler(encoding, rows, vectors).Assemble(windows));
        }
        return (code.ToArray(), offsets);
    }
}
