namespace Leftover.Tensors.Memory;

/// <summary>A run of floats in the current batch's arena: what an op keeps for its backward pass, or scratch. It lives until the batch ends.</summary>
public readonly unsafe struct Block
{
    private Block(float* pointer, int length)
    {
        Pointer = pointer;
        Length = length;
    }

    /// <summary>The first float; aligned to 64 bytes.</summary>
    public float* Pointer { get; }

    /// <summary>How many floats.</summary>
    public int Length { get; }

    /// <summary>The floats.</summary>
    public Span<float> Span => new(Pointer, Length);

    /// <summary>Takes <paramref name="length"/> floats, not cleared, from the open tape's arena.</summary>
    public static Block Rent(int length) => new(Tape.Current.Arena.Rent(length), length);

    /// <summary>Gives the floats back before the batch ends: for scratch of one op alone.</summary>
    public void Return() => Tape.Current.Arena.Return(Pointer, Length);
}
