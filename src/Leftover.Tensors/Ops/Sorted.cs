namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>The numbers of a vector from the least to the largest, [N]; equal ones keep their order. A gradient goes back to the place its number came from.</summary>
    /// <exception cref="ShapeException">This is no vector.</exception>
    public Tensor Sorted()
    {
        if (Rows != 1) throw new ShapeException($"Sorted: the tensor is {ShapeText}; it must be a vector.");
        return Tape.Current.Run(new Sorted(this));
    }
}

/// <summary>y[i] = x[places[i]], ascending. Keeps the places.</summary>
internal sealed class Sorted(Tensor x) : Op(x)
{
    private int[] _places = [];

    protected override void Forward(Span<float> y)
    {
        float[] values = x.Data.ToArray();
        _places = [.. Enumerable.Range(0, values.Length).OrderBy(place => values[place])];           // a stable sort
        for (int i = 0; i < y.Length; i++) y[i] = values[_places[i]];
    }

    // dx[places[i]] += dy[i]
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Span<float> dx = x.Gradient;
        for (int i = 0; i < _places.Length; i++) dx[_places[i]] += dy[i];
    }
}
