using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Oracles;

/// <summary>Tiles over packed weights on an emulated processor: for vectors that this machine lacks, and for Windows' convention on other systems.</summary>
internal sealed unsafe class EmulatedPackedKernel(PackedEncoding encoding, bool windows) : PackedKernel
{
    [ThreadStatic] private static Dictionary<(PackedEncoding, bool, WeightStorage, int, int), PackedTileEmulator>? t_tiles;

    public override int Width => 2 * encoding.Tile.Bytes / sizeof(float);

    public override int TallestTile => encoding.TallestTile;

    public override int Panels(int rows) => PackedTileAssembler.Panels(encoding, rows);

    public override void Run(WeightStorage storage, int rows, int panels, PackedTile* tile)
    {
        var tiles = t_tiles ??= [];
        if (!tiles.TryGetValue((encoding, windows, storage, rows, panels), out PackedTileEmulator? emulator))
            tiles[(encoding, windows, storage, rows, panels)] = emulator = new PackedTileEmulator(new PackedTileAssembler(encoding, storage, rows, panels).Assemble(windows), windows);
        emulator.Run(tile);
    }
}
