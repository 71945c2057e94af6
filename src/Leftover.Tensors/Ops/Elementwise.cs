using Leftover.Tensors.Kernels;

namespace Leftover.Tensors;

public sealed unsafe partial class Tensor
{
    /// <summary>e^x of each number.</summary>
    public Tensor Exp() => Elementwise(default(Exponential));

    /// <summary>ln x of each number.</summary>
    public Tensor Log() => Elementwise(default(NaturalLogarithm));

    /// <summary>1 / (1 + e^−x) of each number.</summary>
    public Tensor Sigmoid() => Elementwise(default(Logistic));

    /// <summary>ln(1 / (1 + e^−x)) of each number, exact where the sigmoid itself would be 0.</summary>
    public Tensor LogSigmoid() => Elementwise(default(LogLogistic));

    /// <summary>tanh x of each number.</summary>
    public Tensor Tanh() => Elementwise(default(HyperbolicTangent));

    /// <summary>max(x, low) of each number; 0 makes it ReLU. No gradient flows where x is at <paramref name="low"/> or below.</summary>
    public Tensor Maximum(float low) => Elementwise(new AtLeast(low));

    /// <summary>x held to [<paramref name="low"/>, <paramref name="high"/>]; no gradient flows where x lies outside.</summary>
    /// <exception cref="ArgumentException"><paramref name="low"/> is above <paramref name="high"/>.</exception>
    public Tensor Clamp(float low, float high)
    {
        if (!(low <= high)) throw new ArgumentException($"Clamp: low ({low}) must not be above high ({high}).");
        return Elementwise(new Within(low, high));
    }

    internal Tensor Elementwise<TFunction>(TFunction function)
        where TFunction : struct, IElementFunction => Tape.Current.Run(new ElementwiseOp<TFunction>(this, function));
}

/// <summary>y = f(x) for each number. Keeps nothing but its input and output.</summary>
internal sealed unsafe class ElementwiseOp<TFunction>(Tensor x, TFunction function) : Op(x)
    where TFunction : struct, IElementFunction
{
    public override bool IsPure => true;

    protected override void Forward(Span<float> y) => ElementwiseKernel.Forward(function, x.Pointer, Output.Pointer, x.Length);

    // dx += f'(x) ∘ dy
    protected override void Backward(ReadOnlySpan<float> dy)
    {
        float* gradient = Output.GradientPointer;
        float* dx = x.GradientInPlaceOf(Output, out bool accumulate);
        ElementwiseKernel.Backward(function, x.Pointer, Output.Pointer, gradient, dx, accumulate, x.Length);
    }
}
