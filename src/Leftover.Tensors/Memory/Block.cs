namespace Leftover.Tensors.Memory;

/// <summary>A run of floats in the current batch's arena: what an op keeps for its backward pass, or scratch. It lives until the batch ends.</summary>
public readonly unsafe struct Block
{
    private readonly float* _pointer;
    private readonly Tape _tape;

    private Block(Tape tape, int length)
    {
        _pointer = tape.Arena.Rent(length);
        _tape = tape;
        Length = length;
    }

    /// <summary>The first float; aligned to 64 bytes.</summary>
    /// <exception cref="ObjectDisposedException">The tape that it was rented on is disposed.</exception>
    public float* Pointer => _tape is { IsClosed: true }
        ? throw new ObjectDisposedException(nameof(Block), $"A block of {Length} floats is used after its tape was disposed; its memory is the next batch's.")
        : _pointer;

    /// <summary>How many floats.</summary>
    public int Length { get; }

    /// <summary>The floats.</summary>
    public Span<float> Span => new(Pointer, Length);

    /// <summary>Takes <paramref name="length"/> floats, not cleared, from the open tape's arena.</summary>
    public static Block Rent(int length) => new(Tape.Current, length);

    /// <summary>Gives the floats back before the batch ends: for scratch of one op alone.</summary>
    public void Return() => _tape.Arena.Return(Pointer, Length);
}
