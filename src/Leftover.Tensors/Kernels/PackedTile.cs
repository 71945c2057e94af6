using System.Runtime.InteropServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Where a tile over packed weights lies. Strides are in bytes, since assembled code reads them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PackedTile
{
    /// <summary>The first row's value at the first step of k; its steps follow each other.</summary>
    public float* A;

    /// <summary>From one row of A to the next.</summary>
    public nint RowStrideA;

    /// <summary>The first panel at the first step of k.</summary>
    public byte* B;

    /// <summary>From one panel to the next.</summary>
    public nint PanelStrideB;

    /// <summary>The tile's first element.</summary>
    public float* C;

    /// <summary>From one row of C to the next.</summary>
    public nint RowStrideC;

    /// <summary>The length of the stretch of k, at least 1.</summary>
    public nint Steps;

    /// <summary>Not 0: adds what C holds.</summary>
    public nint Accumulate;

    /// <summary>The factor of each column, by which the sums are multiplied last; or null.</summary>
    public float* Scales;

    /// <summary>What will be read soon: asked for bit by bit. Any address will do.</summary>
    public byte* Ahead;

    /// <summary>From what is asked for in four steps to what is asked for in the next four.</summary>
    public nint AheadStride;

    /// <summary>Room for the registers that a callee must preserve: rsi, rdi, and on Windows xmm6 to xmm15.</summary>
    public fixed long Preserved[22];
}
