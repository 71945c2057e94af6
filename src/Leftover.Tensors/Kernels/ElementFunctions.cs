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

    // σ(x)·σ(−x) = u/(1 + u)² with u = e^−|x|: y·(1 − y) would lose the digits of a y near 1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y)
    {
        Vector<float> u = VectorMath.Exp(-Vector.Abs(x)), sum = Vector<float>.One + u;
        return u / (sum * sum);
    }
}

// ln σ(x) = min(x, 0) − ln(1 + u) with u = e^−|x|, which never overflows. Its slope is σ(−x).
internal readonly struct LogLogistic : IElementFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Value(Vector<float> x) => Vector.Min(x, Vector<float>.Zero) - LogOnePlus(VectorMath.Exp(-Vector.Abs(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Slope(Vector<float> x, Vector<float> y) => VectorMath.Sigmoid(-x);

    // What 1 + u loses of u, the factor u/((1 + u) − 1) gives back (W. Kahan's log1p); where it loses all, the logarithm is u.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> LogOnePlus(Vector<float> u)
    {
        Vector<float> sum = Vector<float>.One + u;
        return Vector.ConditionalSelect(Vector.Equals(sum, Vector<float>.One), u, Vector.Log(sum) * u / (sum - Vector<float>.One));
    }
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
