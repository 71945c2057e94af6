using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Oracles;

/// <summary>The tiles of a family on an emulated processor, for whole products.</summary>
internal sealed unsafe class EmulatedKernel(TileFamily family) : MicroKernel
{
    private readonly Dictionary<(TileStrides, int Rows, int Width), byte[]> _tiles = family.Shapes().ToDictionary(
        shape => (shape.Strides, shape.Rows, shape.Width),
        shape => new TileAssembler(shape).Assemble(windows: false));

    [ThreadStatic] private static Dictionary<(TileFamily, TileStrides, int, int), TileEmulator>? t_emulators;

    public override int Columns => family.Columns;

    public override long BlockBytes => family.BlockBytes;

    public override int Width(int columns) => family.Width(columns);

    public override int Rows(int columns, bool alongK) => family.Rows(columns);

    public override int Pitch(int rows) => TileFamily.Pitch(rows);

    public override int WidestTile(int rows) => family.WidestTile(rows);

    public override void Run(int rows, int columns, TileArguments* tile)
    {
        var emulators = t_emulators ??= [];
        int width = Width(columns);
        TileStrides strides = TileFamily.StridesOf(rows, width, tile);
        if (!_tiles.ContainsKey((strides, rows, width))) strides = TileStrides.Any;
        if (!emulators.TryGetValue((family, strides, rows, width), out TileEmulator? emulator))
            emulators[(family, strides, rows, width)] = emulator = new TileEmulator(_tiles[(strides, rows, width)]);
        emulator.Run(tile, windows: false);
    }
}
