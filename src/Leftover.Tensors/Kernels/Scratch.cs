using Leftover.Tensors.Memory;

namespace Leftover.Tensors.Kernels;

/// <summary>Two buffers of one thread, for packed operands; they grow when they must and stay for the next product.</summary>
internal sealed unsafe class Scratch
{
    [ThreadStatic] private static Scratch? t_current;

    private NativeBlock? _blocked, _whole;

    // A thread ends without telling anyone: its buffers go with this object.
    ~Scratch()
    {
        _blocked?.Dispose();
        _whole?.Dispose();
    }

    /// <summary>The calling thread's.</summary>
    public static Scratch Current => t_current ??= new Scratch();

    /// <summary>Room for the operand that is packed block by block.</summary>
    public float* Blocked(long floats) => Reserve(ref _blocked, floats);

    /// <summary>Room for the operand that is packed whole.</summary>
    public float* Whole(long floats) => Reserve(ref _whole, floats);

    private static float* Reserve(ref NativeBlock? block, long floats)
    {
        if (block == null || block.Length < floats)
        {
            block?.Dispose();
            block = null;                                    // if the next line fails, nothing disposed is left behind
            block = new NativeBlock(Math.Max(floats, 1 << 16));
        }
        return block.Pointer;
    }
}
