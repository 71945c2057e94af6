using System.Numerics.Tensors;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors;

public sealed unsafe partial class Tensor
{
    /// <summary>a + b; the shapes are equal, or one of the two is a number.</summary>
    /// <exception cref="ShapeException">They are neither.</exception>
    public static Tensor operator +(Tensor a, Tensor b) => Combine("+", a, b, static (a, b) => new Add(a, b, sign: 1));

    /// <summary>a − b; the shapes are equal, or one of the two is a number.</summary>
    /// <exception cref="ShapeException">They are neither.</exception>
    public static Tensor operator -(Tensor a, Tensor b) => Combine("-", a, b, static (a, b) => new Add(a, b, sign: -1));

    /// <summary>a ∘ b, number by number; the shapes are equal, or one of the two is a number.</summary>
    /// <exception cref="ShapeException">They are neither.</exception>
    public static Tensor operator *(Tensor a, Tensor b) => Combine("*", a, b, static (a, b) => new Multiply(a, b));

    /// <summary>−a.</summary>
    public static Tensor operator -(Tensor a) => a.Scale(-1);

    /// <summary>a times a constant.</summary>
    public static Tensor operator *(Tensor a, float factor) => a.Scale(factor);

    /// <summary>a times a constant.</summary>
    public static Tensor operator *(float factor, Tensor a) => a.Scale(factor);

    /// <summary>a plus a constant.</summary>
    public static Tensor operator +(Tensor a, float constant) => Tape.Current.Run(new Affine(a, 1, constant));

    /// <summary>a minus a constant.</summary>
    public static Tensor operator -(Tensor a, float constant) => Tape.Current.Run(new Affine(a, 1, -constant));

    /// <summary>A constant minus a.</summary>
    public static Tensor operator -(float constant, Tensor a) => Tape.Current.Run(new Affine(a, -1, constant));

    /// <summary>This times a constant.</summary>
    public Tensor Scale(float factor) => Tape.Current.Run(new Affine(this, factor, 0));

    private static Tensor Combine(string name, Tensor a, Tensor b, Func<Tensor, Tensor, Op> op)
    {
        bool same = a.Rows == b.Rows && a.Columns == b.Columns;
        if (!same && a.Length != 1 && b.Length != 1)
            throw new ShapeException($"{name}: a {a.ShapeText} and b {b.ShapeText} do not fit: the shapes must be equal, or one of the two a number.");
        return Tape.Current.Run(op(a, b));
    }
}

/// <summary>y = a + sign · b, where a or b may be a number.</summary>
internal sealed unsafe class Add(Tensor a, Tensor b, float sign) : Op(a, b)
{
    public override (int Rows, int Columns) Shape => a.Length == 1 ? (b.Rows, b.Columns) : (a.Rows, a.Columns);

    protected override void Forward(Span<float> y)
    {
        float* pa = a.Pointer, pb = b.Pointer, py = Output.Pointer;
        bool manyA = a.Length == Output.Length, manyB = b.Length == Output.Length;
        RowKernel.ForElements(Output.Length, (_, start, end) =>
        {
            Span<float> y = new(py + start, (int)(end - start));
            ReadOnlySpan<float> many = new((manyA ? pa : pb) + start, y.Length), other = new(pb + start, manyA && manyB ? y.Length : 0);
            if (manyA && manyB && sign > 0) TensorPrimitives.Add(many, other, y);
            else if (manyA && manyB) TensorPrimitives.Subtract(many, other, y);
            else if (manyA) TensorPrimitives.Add(many, sign * *pb, y);
            else if (sign > 0) TensorPrimitives.Add(many, *pa, y);
            else TensorPrimitives.Subtract(*pa, many, y);
        });
    }

    // da += dy, db += sign · dy; a number's gradient is the sum. One of the two takes dy's memory over, where it can.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* gradient = Output.GradientPointer;
        bool adoptA = CanAdopt(a), adoptB = !adoptA && CanAdopt(b);
        if (!adoptA) Contribute(a, gradient, 1);
        if (!adoptB) Contribute(b, gradient, sign);
        if (adoptA && !a.TryAdoptGradient(Output)) Contribute(a, gradient, 1);      // a is b, and has its gradient by now
        if (adoptB && b.TryAdoptGradient(Output) && sign < 0) ArithmeticKernel.Scale(b.GradientPointer, b.GradientPointer, sign, false, b.Length);
    }

    private bool CanAdopt(Tensor input) => input.NeedsGradient && !input.HasGradient && input.Length == Output.Length && input.CanAdoptGradients;

    private void Contribute(Tensor input, float* gradient, float factor)
    {
        if (!input.NeedsGradient) return;
        float* into = input.GradientForStore(out bool accumulate);
        if (input.Length == Output.Length)
        {
            if (factor == 1) RowKernel.Accumulate(gradient, into, input.Length, accumulate);
            else ArithmeticKernel.Scale(gradient, into, factor, accumulate, input.Length);
            return;
        }
        float sum = factor * (float)ArithmeticKernel.Sum(gradient, Output.Length);
        *into = accumulate ? *into + sum : sum;
    }
}

/// <summary>y = a ∘ b, where a or b may be a number.</summary>
internal sealed unsafe class Multiply(Tensor a, Tensor b) : Op(a, b)
{
    public override (int Rows, int Columns) Shape => a.Length == 1 ? (b.Rows, b.Columns) : (a.Rows, a.Columns);

    public override bool IsPure => true;

    protected override void Forward(Span<float> y) => ArithmeticKernel.Multiply(a.Pointer, a.Length, b.Pointer, b.Length, Output.Pointer, false, Output.Length);

    // da += dy ∘ b, db += dy ∘ a; a number's gradient is the sum of it.
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        Contribute(a, b, Output.GradientPointer);
        Contribute(b, a, Output.GradientPointer);
    }

    private void Contribute(Tensor input, Tensor other, float* gradient)
    {
        if (!input.NeedsGradient) return;
        float* into = input.GradientForStore(out bool accumulate);
        if (input.Length == Output.Length)
        {
            ArithmeticKernel.Multiply(gradient, Output.Length, other.Pointer, other.Length, into, accumulate, Output.Length);
            return;
        }
        float sum = (float)ArithmeticKernel.Dot(gradient, other.Pointer, Output.Length);
        *into = accumulate ? *into + sum : sum;
    }
}

/// <summary>y = factor · x + constant.</summary>
internal sealed unsafe class Affine(Tensor x, float factor, float constant) : Op(x)
{
    protected override void Forward(Span<float> y)
    {
        float* from = x.Pointer, to = Output.Pointer;
        RowKernel.ForElements(x.Length, (_, start, end) =>
        {
            Span<float> y = new(to + start, (int)(end - start));
            ReadOnlySpan<float> x = new(from + start, y.Length);
            if (factor == 1) TensorPrimitives.Add(x, constant, y);
            else TensorPrimitives.Multiply(x, factor, y);
            if (factor != 1 && constant != 0) TensorPrimitives.Add(y, constant, y);
        });
    }

    // dx += factor · dy
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* gradient = Output.GradientPointer;
        float* dx = x.GradientInPlaceOf(Output, out bool accumulate);
        if (dx != gradient || factor != 1) ArithmeticKernel.Scale(gradient, dx, factor, accumulate, x.Length);
    }
}
