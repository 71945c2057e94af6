namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>The numbers of a vector from the least to the largest, [N]; equal ones keep their order. A gradient goes back to the place its number came from.</summary>
    /// <exception cref="ShapeException">This is no vector.</exception>
    public Tensor Sorted()
    {
        if (Rows != 1) throw new ShapeException($"Sorted: the tensor is {ShapeText}; it must be a vector.");
        float[] values = Data.ToArray();
        return Pick([.. Enumerable.Range(0, values.Length).OrderBy(place => values[place])]);        // a stable sort
    }
}
