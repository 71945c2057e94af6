using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Kernels;

/// <summary>Tiles assembled for x64.</summary>
internal sealed unsafe class AssembledPackedKernel : PackedKernel
{
    private const int MostPanels = 4;

    private readonly PackedEncoding _encoding;
    private readonly delegate* unmanaged[SuppressGCTransition]<PackedTile*, void>[] _tiles;

    private AssembledPackedKernel(PackedEncoding encoding, byte* code, int[] offsets)
    {
        _encoding = encoding;
        _tiles = new delegate* unmanaged[SuppressGCTransition]<PackedTile*, void>[offsets.Length];
        for (int i = 0; i < offsets.Length; i++)
            if (offsets[i] >= 0) _tiles[i] = (delegate* unmanaged[SuppressGCTransition]<PackedTile*, void>)(code + offsets[i]);
    }

    public override int Width => 2 * _encoding.Tile.Bytes / sizeof(float);

    public override int TallestTile => _encoding.TallestTile;

    public override int Panels(int rows) => PackedTileAssembler.Panels(_encoding, rows);

    public override void Run(WeightStorage storage, int rows, int panels, PackedTile* tile) => _tiles[Index(storage, rows, panels)](tile);

    /// <summary>The kernels of an instruction set, or null where it has none, the system refuses to run them, or they compute nonsense.</summary>
    public static AssembledPackedKernel? TryCreate(InstructionSet set)
    {
        if (set == InstructionSet.Portable || !Instructions.Available.Contains(set)) return null;
        PackedEncoding encoding = set == InstructionSet.Avx512 ? PackedEncoding.Zmm : PackedEncoding.Ymm;
        using var code = new MemoryStream();
        int[] offsets = [.. Enumerable.Repeat(-1, Index(WeightStorage.Int8, encoding.TallestTile, MostPanels) + 1)];
        foreach (WeightStorage storage in Enum.GetValues<WeightStorage>())
            for (int rows = 1; rows <= encoding.TallestTile; rows++)
                foreach (int panels in new[] { 1, PackedTileAssembler.Panels(encoding, rows) })
                {
                    if (offsets[Index(storage, rows, panels)] >= 0) continue;
                    code.SetLength((code.Length + 63) / 64 * 64);
                    code.Position = code.Length;
                    offsets[Index(storage, rows, panels)] = (int)code.Position;
                    code.Write(new PackedTileAssembler(encoding, storage, rows, panels).Assemble(OperatingSystem.IsWindows()));
                }
        byte* published = ExecutableCode.Publish(code.ToArray());
        if (published == null) return null;
        var kernel = new AssembledPackedKernel(encoding, published, offsets);
        return kernel.PassesSelfTest() ? kernel : null;
    }

    private static int Index(WeightStorage storage, int rows, int panels) => (((int)storage << 4) + rows) * MostPanels + panels - 1;

    // Small whole numbers, which every storage holds and whose sums are exact: A[i, k] = i + k, B[k, j] = j − k, C = 1 + A·B.
    private bool PassesSelfTest()
    {
        const int steps = 5;
        int rows = TallestTile, width = Width;
        using var block = new NativeBlock(steps * (rows + width) + (rows + 1) * width);
        float* a = block.Pointer, b = a + steps * rows, c = b + steps * width, scales = c + rows * width;
        for (int i = 0; i < rows; i++)
            for (int k = 0; k < steps; k++) a[i * steps + k] = i + k;
        new Span<float>(scales, width).Fill(1);
        foreach (WeightStorage storage in Enum.GetValues<WeightStorage>())
        {
            for (int k = 0; k < steps; k++)
                for (int j = 0; j < width; j++) PackedWeight.Set(storage, (byte*)b, width, k, j, j - k);
            new Span<float>(c, rows * width).Fill(1);
            PackedTile tile = new()
            {
                A = a,
                RowStrideA = steps * sizeof(float),
                B = (byte*)b,
                C = c,
                RowStrideC = width * sizeof(float),
                Steps = steps,
                Accumulate = 1,
                Scales = scales,
                Ahead = (byte*)b,
            };
            Run(storage, rows, 1, &tile);
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < width; j++)
                {
                    int expected = 1;
                    for (int k = 0; k < steps; k++) expected += (i + k) * (j - k);
                    if (c[i * width + j] != expected) return false;
                }
        }
        return true;
    }
}
