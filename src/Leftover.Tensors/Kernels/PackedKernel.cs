namespace Leftover.Tensors.Kernels;

/// <summary>The inner loops of products with packed weights: tiles of few rows, in which weights are widened as they are read.</summary>
/// <remarks>Each element is one chain of multiply-adds for each stretch of k, as in <see cref="MicroKernel"/>; a scale comes last.</remarks>
internal abstract unsafe class PackedKernel
{
    private static readonly PackedKernel?[] s_kernels = new PackedKernel?[Enum.GetValues<InstructionSet>().Length];

    /// <summary>Columns of a panel.</summary>
    public abstract int Width { get; }

    /// <summary>The most rows of a tile.</summary>
    public abstract int TallestTile { get; }

    /// <summary>How many panels side by side a tile of so many rows takes best; it can take one alone too.</summary>
    public abstract int Panels(int rows);

    /// <summary>Computes a tile; it writes all columns of its panels.</summary>
    /// <param name="storage">How the panels are held.</param>
    /// <param name="rows">1 … <see cref="TallestTile"/>.</param>
    /// <param name="panels">1, or as many as <see cref="Panels"/> says.</param>
    /// <param name="tile">Where it lies.</param>
    public abstract void Run(WeightStorage storage, int rows, int panels, PackedTile* tile);

    /// <summary>The kernels of an instruction set; the portable ones where the system refuses to run assembled code.</summary>
    public static PackedKernel For(InstructionSet set)
    {
        if (Volatile.Read(ref s_kernels[(int)set]) is { } kernel) return kernel;
        lock (s_kernels) return s_kernels[(int)set] ??= (PackedKernel?)AssembledPackedKernel.TryCreate(set) ?? new PortablePackedKernel();
    }

    /// <summary>Bytes of a weight.</summary>
    public static int BytesOf(WeightStorage storage) => storage switch { WeightStorage.Float32 => 4, WeightStorage.BFloat16 => 2, _ => 1 };
}
