using System.Runtime.InteropServices;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Kernels;

/// <summary>Tiles assembled for x64 when they are first needed: 8 rows by 48 columns with AVX-512, 4 by 24 with AVX2, and all smaller ones.</summary>
/// <remarks>
/// With 512-bit vectors 24 sums, 3 vectors of B and the broadcast values fill 28 or more of 32 registers; with 256 bits 12, 3 and 1 fill all 16.
/// Both keep two multiply-add units of four cycles' latency busy, and leave their load units half idle.
/// </remarks>
internal sealed unsafe class AssembledKernel : MicroKernel
{
    private readonly delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>[] _tiles;
    private readonly int[] _widest;

    private AssembledKernel(TileEncoding encoding, int rows, byte* code, List<int> offsets)
    {
        Rows = rows;
        Lanes = encoding.Bytes / sizeof(float);
        _widest = new int[rows + 1];
        _tiles = new delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>[(rows + 1) * encoding.Registers];
        int next = 0;
        foreach ((int tileRows, int vectors) in Shapes(encoding, rows))
        {
            _widest[tileRows] = vectors;
            _tiles[tileRows * encoding.Registers + vectors] = (delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>)(code + offsets[next++]);
        }
        Stride = encoding.Registers;
    }

    public override int Rows { get; }
    public override int Vectors => 3;
    public override int Lanes { get; }
    private int Stride { get; }

    public override int WidestTile(int rows) => _widest[rows];

    public override void Run(int rows, int vectors, TileArguments* tile) => _tiles[rows * Stride + vectors](tile);

    /// <summary>The kernels of an instruction set, or null where it has none, the system refuses to run them, or they compute nonsense.</summary>
    public static AssembledKernel? TryCreate(InstructionSet set)
    {
        if (!Instructions.Available.Contains(set)) return null;
        (TileEncoding Encoding, int Rows)? choice = set switch
        {
            InstructionSet.Avx512 => (TileEncoding.Avx512, 8),
            InstructionSet.Avx2 => (TileEncoding.Avx2, 4),
            _ => null,
        };
        if (choice is not var (encoding, rows)) return null;

        using var code = new MemoryStream();
        List<int> offsets = [];
        foreach ((int tileRows, int vectors) in Shapes(encoding, rows))
        {
            code.SetLength((code.Length + 63) / 64 * 64);
            code.Position = code.Length;
            offsets.Add((int)code.Position);
            code.Write(new TileAssembler(encoding, tileRows, vectors).Assemble(OperatingSystem.IsWindows()));
        }
        byte* published = ExecutableCode.Publish(code.ToArray());
        if (published == null) return null;
        var kernel = new AssembledKernel(encoding, rows, published, offsets);
        return kernel.PassesSelfTest() ? kernel : null;
    }

    private static IEnumerable<(int Rows, int Vectors)> Shapes(TileEncoding encoding, int rows) =>
        from tileRows in Enumerable.Range(1, rows)
        from vectors in Enumerable.Range(1, TileAssembler.WidestTile(encoding, tileRows))
        select (tileRows, vectors);

    // Small whole numbers, whose sums are exact: C = 1 + A·B, with A[i, k] = i + k and B[k, j] = j - k.
    private bool PassesSelfTest()
    {
        const int steps = 5;
        int columns = Vectors * Lanes;
        using var block = new NativeBlock(steps * (Rows + columns) + Rows * columns);
        float* a = block.Pointer, b = a + steps * Rows, c = b + steps * columns;
        for (int k = 0; k < steps; k++)
        {
            for (int i = 0; i < Rows; i++) a[k * Rows + i] = i + k;
            for (int j = 0; j < columns; j++) b[k * columns + j] = j - k;
        }
        new Span<float>(c, Rows * columns).Fill(1);
        TileArguments tile = new()
        {
            A = a, B = b, C = c, Steps = steps, Accumulate = 1,
            StrideA = Rows * sizeof(float), StrideB = columns * sizeof(float), StrideC = columns * sizeof(float),
        };
        Run(Rows, Vectors, &tile);
        for (int i = 0; i < Rows; i++)
            for (int j = 0; j < columns; j++)
            {
                float expected = 1;
                for (int k = 0; k < steps; k++) expected += (i + k) * (j - k);
                if (c[i * columns + j] != expected) return false;
            }
        return true;
    }
}
