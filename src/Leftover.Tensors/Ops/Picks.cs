using Leftover.Tensors.Memory;

namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>Picks numbers of a vector by place: [N] to [M]. A place may come several times; its gradient is then the sum.</summary>
    /// <param name="places">M places, each in [0, N).</param>
    /// <exception cref="ShapeException">This is no vector.</exception>
    /// <exception cref="ArgumentException">A place is outside the vector.</exception>
    public Tensor Pick(ReadOnlySpan<int> places)
    {
        if (Rows != 1) throw new ShapeException($"Pick: the tensor is {ShapeText}; it must be a vector.");
        for (int i = 0; i < places.Length; i++)
            if ((uint)places[i] >= (uint)Columns) throw new ArgumentException($"Pick: place {places[i]} at {i} is outside {ShapeText}; it must be 0 to {Columns - 1}.");
        return Tape.Current.Run(new PickNumbers(this, Indices.Copy(places)));
    }

    /// <summary>The numbers of a matrix, row after row, as a vector: [R, C] to [R · C].</summary>
    public Tensor Flatten() => Tape.Current.Run(new Flatten(this));
}

/// <summary>y[i] = x[places[i]].</summary>
internal sealed class PickNumbers(Tensor x, Indices places) : Op(x)
{
    public override (int Rows, int Columns) Shape => (1, places.Length);

    protected override void Forward(Span<float> y)
    {
        ReadOnlySpan<float> values = x.Data;
        ReadOnlySpan<int> from = places.Span;
        for (int i = 0; i < y.Length; i++) y[i] = values[from[i]];
    }

    // dx[places[i]] += dy[i]
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Span<float> dx = x.Gradient;
        ReadOnlySpan<int> from = places.Span;
        for (int i = 0; i < dy.Length; i++) dx[from[i]] += dy[i];
    }
}

/// <summary>y is x, in another shape.</summary>
internal sealed class Flatten(Tensor x) : Op(x)
{
    public override (int Rows, int Columns) Shape => (1, x.Length);

    protected override void Forward(Span<float> y) => x.Data.CopyTo(y);

    // dx += dy
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Span<float> dx = x.Gradient;
        for (int i = 0; i < dy.Length; i++) dx[i] += dy[i];
    }
}
