namespace Leftover.Tensors.Memory;

/// <summary>Whole numbers in the current batch's arena: row numbers or token ids that an op keeps.</summary>
internal readonly unsafe struct Indices
{
    private Indices(int* pointer, int length)
    {
        Pointer = pointer;
        Length = length;
    }

    /// <summary>The first number.</summary>
    public int* Pointer { get; }

    /// <summary>How many.</summary>
    public int Length { get; }

    /// <summary>The numbers.</summary>
    public ReadOnlySpan<int> Span => new(Pointer, Length);

    /// <summary>Copies numbers into the open tape's arena; they live until the batch ends.</summary>
    public static Indices Copy(ReadOnlySpan<int> values)
    {
        var copy = new Indices((int*)Block.Rent(values.Length).Pointer, values.Length);
        values.CopyTo(new Span<int>(copy.Pointer, copy.Length));
        return copy;
    }
}
