namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>One column as a vector: [B, L] to [B].</summary>
    /// <param name="column">Its number, in [0, L).</param>
    /// <exception cref="ShapeException">There is no such column.</exception>
    public Tensor Column(int column)
    {
        if ((uint)column >= (uint)Columns) throw new ShapeException($"Column: {ShapeText} has no column {column}; they run from 0 to {Columns - 1}.");
        return Tape.Current.Run(new Column(this, column));
    }
}

/// <summary>y[i] = x[i, column]. For heads of few columns.</summary>
internal sealed class Column(Tensor x, int column) : Op(x)
{
    public override (int Rows, int Columns) Shape => (1, x.Rows);

    protected override void Forward(Span<float> y)
    {
        for (int i = 0; i < y.Length; i++) y[i] = x.Data[i * x.Columns + column];
    }

    // dx[i, column] += dy[i]
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Span<float> dx = x.Gradient;
        for (int i = 0; i < dy.Length; i++) dx[i * x.Columns + column] += dy[i];
    }
}
