using System.Runtime.InteropServices;

namespace Leftover.Tensors.Kernels;

/// <summary>The inner loop of a matrix product: one tile of C, small enough for the processor's registers, over a stretch of k.</summary>
/// <remarks>
/// Each element of the tile is one chain of multiply-adds in the order of k, from zero; C is added to it, then the bias. So a tile's shape, its place and the
/// width of the vectors have no influence on the bits of an element, as long as the processor has fused multiply-adds.
/// </remarks>
internal abstract unsafe class MicroKernel
{
    private static readonly MicroKernel?[] s_kernels = new MicroKernel?[Enum.GetValues<InstructionSet>().Length];
    private static readonly Lazy<MicroKernel?> s_bfloat16 = new(AssembledKernel.TryCreateBFloat16);

    /// <summary>Columns of the widest tile that is as tall as its width lets it be; a packed panel of B has at most so many.</summary>
    public abstract int Columns { get; }

    /// <summary>Bytes of one side of a product that are walked over together: they share the second-level cache with a panel of the other side.</summary>
    public abstract long BlockBytes { get; }

    /// <summary>The narrowest tile that holds so many columns: what a panel of B, and a row of C, must have room for.</summary>
    public abstract int Width(int columns);

    /// <summary>The tallest tile of so many columns.</summary>
    /// <param name="columns">1 … <see cref="Columns"/>.</param>
    /// <param name="alongK">A's rows run along k: from one step to the next is one float.</param>
    public abstract int Rows(int columns, bool alongK);

    /// <summary>From so many columns of B on, an A whose rows run along k is packed; otherwise it is read where it is.</summary>
    /// <param name="stride">Floats from one row of A to the next.</param>
    public virtual int ColumnsForPackedRows(nint stride) => int.MaxValue;

    /// <summary>Floats from one step to the next of a panel of A packed for a tile of so many rows: those and perhaps unused ones.</summary>
    public virtual int Pitch(int rows) => rows;

    /// <summary>The widest tile of so many rows: <see cref="Columns"/> or more.</summary>
    public abstract int WidestTile(int rows);

    /// <summary>Computes a tile of any shape up to the tallest and widest; it may write all columns of its <see cref="Width"/>.</summary>
    public abstract void Run(int rows, int columns, TileArguments* tile);

    /// <summary>Computes tiles of one shape, one after another, each so far behind the last. Where the last one ends, the arguments stand.</summary>
    /// <param name="rows">Of each, as in <see cref="Run(int, int, TileArguments*)"/>.</param>
    /// <param name="columns">The same.</param>
    /// <param name="tile">The first.</param>
    /// <param name="count">How many; 0 or more.</param>
    /// <param name="next">From one tile to the next.</param>
    public virtual void Run(int rows, int columns, TileArguments* tile, int count, in TileStep next)
    {
        for (int i = 0; i < count; i++, next.Advance(tile)) Run(rows, columns, tile);
    }

    /// <summary>The kernels of an instruction set; the portable ones where the system refuses to run assembled code.</summary>
    public static MicroKernel For(InstructionSet set)
    {
        if (Volatile.Read(ref s_kernels[(int)set]) is { } kernel) return kernel;
        lock (s_kernels) return s_kernels[(int)set] ??= (MicroKernel?)AssembledKernel.TryCreate(set) ?? PortableKernel.Create();
    }

    /// <summary>The kernel over pairs of bf16 (<see cref="PackedElement.BFloat16Pair"/>); null where the set, the processor or the system has none.</summary>
    public static MicroKernel? ForBFloat16(InstructionSet set) => set == InstructionSet.Avx512 ? s_bfloat16.Value : null;
}

/// <summary>From one tile to the next, in floats.</summary>
internal readonly record struct TileStep(nint A, nint B, nint C, nint Bias)
{
    public unsafe void Advance(TileArguments* tile)
    {
        tile->A += A;
        tile->B += B;
        tile->C += C;
        tile->Bias += Bias;                                  // 0 where there is no bias
    }
}

/// <summary>Where a tile lies. Strides are in bytes, since assembled code reads them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TileArguments
{
    /// <summary>The value of the tile's first row at the first step of k.</summary>
    public float* A;

    /// <summary>From one row of A to the next.</summary>
    public nint RowStrideA;

    /// <summary>From one step of A to the next.</summary>
    public nint StepStrideA;

    /// <summary>The values of the tile's columns at the first step of k, one after another.</summary>
    public float* B;

    /// <summary>From one step of B to the next.</summary>
    public nint StepStrideB;

    /// <summary>The tile's first element.</summary>
    public float* C;

    /// <summary>From one row of C to the next.</summary>
    public nint RowStrideC;

    /// <summary>The length of the stretch of k, at least 1.</summary>
    public nint Steps;

    /// <summary>Not 0: adds what C holds.</summary>
    public nint Accumulate;

    /// <summary>What is added to each row after that, one value for each column of the tile's width. Null: nothing.</summary>
    public float* Bias;

    /// <summary>What is read after this tile, as much as it reads of A: asked for early. Null: nothing.</summary>
    public float* Ahead;

    /// <summary>Room for the registers that a callee must preserve: rsi, rdi, and on Windows xmm6 to xmm15.</summary>
    public fixed long Preserved[22];
}
