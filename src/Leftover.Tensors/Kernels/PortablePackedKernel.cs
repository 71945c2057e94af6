namespace Leftover.Tensors.Kernels;

/// <summary>Tiles for any processor: a panel is widened aside, and the portable kernel of all products does the rest.</summary>
internal sealed unsafe class PortablePackedKernel : PackedKernel
{
    private const int Columns = 16, Rows = 4;

    private readonly MicroKernel _kernel = PortableKernel.Create();

    public override int Width => Columns;

    public override int TallestTile => Rows;

    public override int Panels(int rows) => 1;

    public override void Run(WeightStorage storage, int rows, int panels, PackedTile* tile)
    {
        int steps = (int)tile->Steps;
        float* wide = (float*)tile->B;
        if (storage != WeightStorage.Float32)
        {
            wide = Scratch.Current.Blocked((long)steps * Columns);
            for (int k = 0; k < steps; k++)
                for (int j = 0; j < Columns; j++) wide[k * Columns + j] = PackedWeight.Get(storage, tile->B, Columns, k, j);
        }
        TileArguments arguments = new()
        {
            A = tile->A,
            RowStrideA = tile->RowStrideA,
            StepStrideA = sizeof(float),
            B = wide,
            StepStrideB = Columns * sizeof(float),
            C = tile->C,
            RowStrideC = tile->RowStrideC,
            Steps = steps,
            Accumulate = tile->Accumulate,
        };
        _kernel.Run(rows, Columns, &arguments);
        if (tile->Scales == null) return;
        for (int row = 0; row < rows; row++)
        {
            float* c = (float*)((byte*)tile->C + row * tile->RowStrideC);
            for (int j = 0; j < Columns; j++) c[j] *= tile->Scales[j];
        }
    }
}
