using System.Runtime.InteropServices;

namespace Leftover.Tensors.Kernels;

/// <summary>The inner loop of a matrix product: one tile of C, small enough for the processor's registers, over a stretch of k.</summary>
/// <remarks>
/// Each element of the tile is one chain of multiply-adds in the order of k, from zero; C is added last. So a tile's shape, its place and the
/// width of the vectors have no influence on the bits of an element, as long as the processor has fused multiply-adds.
/// </remarks>
internal abstract unsafe class MicroKernel
{
    private static readonly MicroKernel?[] s_kernels = new MicroKernel?[Enum.GetValues<InstructionSet>().Length];

    /// <summary>The tallest tile.</summary>
    public abstract int Rows { get; }

    /// <summary>The widest tile over a packed operand, in vectors.</summary>
    public abstract int Vectors { get; }

    /// <summary>Columns of one vector; a tile's width is a multiple.</summary>
    public abstract int Lanes { get; }

    /// <summary>The widest tile of so many rows, in vectors; at least <see cref="Vectors"/>.</summary>
    public abstract int WidestTile(int rows);

    /// <summary>Computes a tile of <paramref name="rows"/> (1 … <see cref="Rows"/>) by <paramref name="vectors"/> (1 … <see cref="WidestTile"/>) vectors.</summary>
    public abstract void Run(int rows, int vectors, TileArguments* tile);

    /// <summary>The kernels of an instruction set; the portable ones where the system refuses to run assembled code.</summary>
    public static MicroKernel For(InstructionSet set)
    {
        if (Volatile.Read(ref s_kernels[(int)set]) is { } kernel) return kernel;
        lock (s_kernels) return s_kernels[(int)set] ??= (MicroKernel?)AssembledKernel.TryCreate(set) ?? PortableKernel.Create();
    }
}

/// <summary>Where a tile lies. Strides are in bytes, since assembled code reads them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TileArguments
{
    /// <summary>For each step of k, the values of the tile's rows one after another.</summary>
    public float* A;

    /// <summary>For each step of k, the values of the tile's columns one after another.</summary>
    public float* B;

    /// <summary>The tile's first element.</summary>
    public float* C;

    /// <summary>The length of the stretch of k, at least 1.</summary>
    public nint Steps;

    /// <summary>From one step of A to the next.</summary>
    public nint StrideA;

    /// <summary>From one step of B to the next.</summary>
    public nint StrideB;

    /// <summary>From one row of C to the next.</summary>
    public nint StrideC;

    /// <summary>Not 0: adds what C holds.</summary>
    public nint Accumulate;

    /// <summary>Room for the ten registers that a callee must preserve on Windows.</summary>
    public fixed byte Preserved[160];
}
