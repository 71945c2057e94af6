namespace Leftover.Tensors.Kernels;

/// <summary>Heads of a decoding token.</summary>
/// <param name="KeyHeads">Heads of keys and values.</param>
/// <param name="Group">Query heads that share one of them.</param>
/// <param name="Dimension">d, the numbers of a head.</param>
internal readonly record struct DecodeHeads(int KeyHeads, int Group, int Dimension)
{
    /// <summary>Query heads.</summary>
    public int Heads => KeyHeads * Group;

    /// <summary>Numbers of a cached token.</summary>
    public int Width => KeyHeads * Dimension;
}
