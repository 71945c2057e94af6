using System.Numerics;
using System.Runtime.CompilerServices;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors;

public sealed partial class Tensor
{
    /// <summary>x·Φ(x), Φ the normal distribution's; Hendrycks &amp; Gimpel 2016, arXiv:1606.08415.</summary>
    /// <param name="tanh">True for the form with tanh that GPT-2 was trained with ("gelu_new"), false for the exact one.</param>
    public Tensor Gelu(bool tanh = true) => tanh ? Elementwise(default(GeluTanh)) : Elementwise(default(GeluErf));
}

// With u = sqrt(2/π)·(x + 0.044715·x³):  ½·(1 + tanh u) = σ(2u) = s, so y = x·s and y' = s + 2·x·s·(1−s)·u'.
internal readonly struct GeluTanh : IElementFunction
{
    private const float Root = 0.7978845608f, Cubic = 0.044715f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => x * Gate(x, x * x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y)
    {
        Vector<float> square = x * x, s = Gate(x, square);
        Vector<float> twiceSlopeOfU = Vector.MultiplyAddEstimate(square, Vector.Create(2 * Root * 3 * Cubic), Vector.Create(2 * Root));
        return Vector.MultiplyAddEstimate(x * s * (Vector<float>.One - s), twiceSlopeOfU, s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Gate(Vector<float> x, Vector<float> square) =>
        VectorMath.Sigmoid(x * Vector.MultiplyAddEstimate(square, Vector.Create(2 * Root * Cubic), Vector.Create(2 * Root)));
}

// y = x·Φ(x), y' = Φ(x) + x·φ(x), with φ(x) = e^(−x²/2)/sqrt(2π).
internal readonly struct GeluErf : IElementFunction
{
    private const float InverseRootOfTwoPi = 0.3989422804f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => x * Distribution(x, VectorMath.Exp(x * x * -0.5f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y)
    {
        Vector<float> density = VectorMath.Exp(x * x * -0.5f);
        return Vector.MultiplyAddEstimate(x * density, Vector.Create(InverseRootOfTwoPi), Distribution(x, density));
    }

    /// <summary>Φ(x), within 1.2e-7, given e^(−x²/2).</summary>
    /// <remarks>
    /// Φ(−z) = ½·erfc(z/√2), and erfc(a)·e^(a²) = t·p(t) with t = 1/(1 + 0.4·a). The polynomial p interpolates at Chebyshev's points;
    /// it was computed for this file, its error in erfc is 4e-8.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Distribution(Vector<float> x, Vector<float> density)
    {
        Vector<float> t = Vector<float>.One / Vector.MultiplyAddEstimate(Vector.Abs(x), Vector.Create(0.4f * 0.70710678f), Vector<float>.One);
        Vector<float> p = Vector.MultiplyAddEstimate(t, Vector.Create(0.038508509f), Vector.Create(-0.12744643f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.058450888f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.11585861f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.061465687f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.20074255f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.20012525f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.22667327f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.22562171f));
        Vector<float> below = p * t * density * 0.5f;                     // Φ(−|x|)
        return Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), below, Vector<float>.One - below);
    }
}
