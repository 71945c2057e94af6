namespace Leftover.Tensors.Kernels;

/// <summary>A tile that is assembled: its size, its instructions, and what its code knows of its operands.</summary>
/// <param name="Encoding">The instructions.</param>
/// <param name="Rows">Rows; ≥ 1.</param>
/// <param name="Vectors">Vectors of a row; ≥ 1.</param>
/// <param name="Strides">What is known of where values lie.</param>
internal readonly record struct TileShape(TileEncoding Encoding, int Rows, int Vectors, TileStrides Strides)
{
    /// <summary>Columns.</summary>
    public int Width => Vectors * Encoding.Bytes / sizeof(float);
}

/// <summary>What a tile's code knows of where its operands' values lie.</summary>
internal enum TileStrides
{
    /// <summary>Nothing: all strides are read from the arguments.</summary>
    Any,

    /// <summary>A's rows run along k, one float a step, and B is a panel packed for the tile's width.</summary>
    AlongK,

    /// <summary>A is a panel packed for the tile's rows, and B one for its width.</summary>
    Packed,
}
