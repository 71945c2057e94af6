namespace Leftover.Tensors.Safetensors;

/// <summary>What a file's header says of one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">How its numbers are stored.</param>
/// <param name="Shape">Its sizes, the slowest dimension first; empty for a single number.</param>
/// <param name="Offset">Where its bytes start, counted from the start of the file.</param>
/// <param name="Bytes">How many bytes it takes.</param>
public sealed record TensorInfo(string Name, ElementType Type, long[] Shape, long Offset, long Bytes)
{
    /// <summary>How many numbers it holds: the product of its sizes.</summary>
    public long Count => Bytes * 8 / ElementCoding.BitsOf(Type);
}
