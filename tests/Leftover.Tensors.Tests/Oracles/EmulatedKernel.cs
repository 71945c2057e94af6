using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Tests.Oracles;

/// <summary>The tiles of a family on an emulated processor, for whole products.</summary>
internal sealed unsafe class EmulatedKernel(TileFamily family) : MicroKernel
{
    private readonly Dictionary<(int Rows, int Width), byte[]> _tiles = family.Shapes().ToDictionary(
        shape => (shape.Rows, shape.Vectors * shape.Encoding.Bytes / sizeof(float)),
        shape => new TileAssembler(shape.Encoding, shape.Rows, shape.Vectors).Assemble(windows: false));

    [ThreadStatic] private static Dictionary<(TileFamily, int, int), TileEmulator>? t_emulators;

    public override int Columns => family.Columns;

    public override long BlockBytes => family.BlockBytes;

    public override int Width(int columns) => family.Width(columns);

    public override int Rows(int columns, bool alongK) => family.Rows(columns);

    public override int WidestTile(int rows) => family.WidestTile(rows);

    public override void Run(int rows, int columns, TileArguments* tile)
    {
        var emulators = t_emulators ??= [];
        if (!emulators.TryGetValue((family, rows, Width(columns)), out TileEmulator? emulator))
            emulators[(family, rows, Width(columns))] = emulator = new TileEmulator(_tiles[(rows, Width(columns))]);
        emulator.Run(tile, windows: false);
    }
}
