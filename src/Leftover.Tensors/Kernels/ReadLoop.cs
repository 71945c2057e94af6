using System.Numerics.Tensors;
using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Kernels;

/// <summary>Reads memory and does nothing else with it but add it up: what the machine could do at most, to be timed in the same run as what reads weights.</summary>
public static class ReadLoop
{
    private const int Piece = 1 << 18;              // floats: a mebibyte

    private static float s_sink;

    /// <summary>Reads a block once, on the process's team; on one thread alone from inside a job of it.</summary>
    /// <param name="memory">The block; larger than the caches, or they are measured.</param>
    /// <returns>The bytes read.</returns>
    public static double Run(NativeBlock memory)
    {
        ThreadTeam.Shared.For(memory.Length, Piece, (_, start, end) => s_sink = TensorPrimitives.Sum<float>(memory.Span(start, (int)(end - start))));
        return (double)memory.Length * sizeof(float);
    }
}
