using Leftover.Tensors.Kernels;

namespace Leftover.Tensors;

public sealed unsafe partial class Tensor
{
    /// <summary>The sum of all numbers, [1, 1].</summary>
    public Tensor Sum() => Tape.Current.Run(new Sum(this, 1));

    /// <summary>The mean of all numbers, [1, 1].</summary>
    /// <exception cref="ShapeException">There are none.</exception>
    public Tensor Mean() => Length > 0 ? Tape.Current.Run(new Sum(this, 1.0 / Length)) : throw new ShapeException($"Mean: the tensor is {ShapeText}; it needs at least one number.");

    /// <summary>The same numbers as a constant: no gradient flows back through them.</summary>
    public Tensor Detach()
    {
        Tape tape = Tape.Current;
        return new Tensor(Rows, Columns, _data, null, needsGradient: false, tape);
    }
}

/// <summary>y = factor · Σ x, added in double precision.</summary>
internal sealed unsafe class Sum(Tensor x, double factor) : Op(x)
{
    public override (int Rows, int Columns) Shape => (1, 1);

    protected override void Forward(Span<float> y) => y[0] = (float)(factor * ArithmeticKernel.Sum(x.Pointer, x.Length));

    // dx += factor · dy, the same for every number
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float share = (float)(factor * dy[0]);
        float* dx = x.GradientForStore(out bool accumulate);
        for (int i = 0; i < x.Length; i++) dx[i] = accumulate ? dx[i] + share : share;
    }
}
