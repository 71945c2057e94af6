namespace Leftover.Tensors.Gguf;

/// <summary>What a GGUF file says of one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">How its numbers are stored.</param>
/// <param name="Shape">Its sizes, the slowest dimension first: the reverse of the order in the file.</param>
/// <param name="Offset">Where its bytes start, counted from the start of the file.</param>
/// <param name="Bytes">How many bytes it takes.</param>
public sealed record GgufTensorInfo(string Name, GgmlType Type, long[] Shape, long Offset, long Bytes)
{
    /// <summary>How many numbers it holds: the product of its sizes.</summary>
    public long Count
    {
        get
        {
            GgmlCoding coding = GgmlCoding.Of(Type)!;
            return Bytes / coding.BlockBytes * coding.BlockValues;
        }
    }
}
