using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

internal readonly struct Exponential : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => VectorMath.Exp(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y) => y;
}

internal readonly struct NaturalLogarithm : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => Vector.Log(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y) => Vector<float>.One / x;
}

internal readonly struct Logistic : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => VectorMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y) => y * (Vector<float>.One - y);
}

// ln σ(x) = min(x, 0) − ln(1 + e^−|x|): the exponential never overflows. Its slope is σ(−x).
internal readonly struct LogLogistic : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) =>
        Vector.Min(x, Vector<float>.Zero) - Vector.Log(Vector<float>.One + VectorMath.Exp(-Vector.Abs(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y) => VectorMath.Sigmoid(-x);
}

internal readonly struct HyperbolicTangent : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => VectorMath.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y) => Vector<float>.One - y * y;
}

// NaN stays NaN in both: a loss that is not finite has to be seen.
internal readonly struct AtLeast(float low) : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(low)), Vector.Create(low), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y) =>
        Vector.ConditionalSelect(Vector.GreaterThan(x, Vector.Create(low)), Vector<float>.One, Vector<float>.Zero);
}

internal readonly struct Within(float low, float high) : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x)
    {
        Vector<float> atLeast = Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(low)), Vector.Create(low), x);
        return Vector.ConditionalSelect(Vector.GreaterThan(atLeast, Vector.Create(high)), Vector.Create(high), atLeast);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y) => Vector.ConditionalSelect(
        Vector.GreaterThanOrEqual(x, Vector.Create(low)) & Vector.LessThanOrEqual(x, Vector.Create(high)), Vector<float>.One, Vector<float>.Zero);
}
