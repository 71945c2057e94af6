using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>Exponentials of whole vectors, for loops where a pass over memory or the library's slower ones would cost.</summary>
/// <remarks>
/// The scalar forms compute one lane of the vector form, so a loop's tail gives the same bits as its body. Coefficients were fitted for this
/// file (minimax in relative error). Errors are given in the documentation of each and held by tests over the whole range.
/// </remarks>
public static class VectorMath
{
    private const float LargestExponent = 88.72283f;            // e^x is the largest float
    private const float SmallestExponent = -87.33654f;          // e^x is the smallest normal float
    private const float RoundingShift = 12582912f;              // 1.5·2^23: added, it leaves the nearest integer in the low bits

    /// <summary>e^x, within 1.2e-7 of its value; 0 where that is less than the smallest normal float (x &lt; −87.34), ∞ above 88.72.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        // x = n·ln 2 + r with |r| <= ln 2 / 2, so e^x = 2^n · e^r. ln 2 is split in two so that n times its first part is exact.
        Vector<float> shifted = MultiplyAdd(x, 1.44269504f, RoundingShift);
        Vector<float> n = shifted - Vector.Create(RoundingShift);
        Vector<float> r = Vector.MultiplyAddEstimate(n, Vector.Create(-0.693145751953125f), x);
        r = Vector.MultiplyAddEstimate(n, Vector.Create(-1.4286068e-06f), r);

        Vector<float> p = MultiplyAdd(r, 0.0013814541f, 0.0083687454f);
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(0.041668389f));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(0.16666521f));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(0.49999994f));
        p = Vector.MultiplyAddEstimate(p, r * r, r) + Vector<float>.One;

        // Times 2^n: n goes to the exponent's bits. It is never 128 where e^r >= 1, because larger x take the other branch.
        Vector<float> power = Vector.AsVectorSingle(Vector.AsVectorInt32(p) + (Vector.AsVectorInt32(shifted) << 23));
        Vector<float> notNormal = x + Vector.Create(float.PositiveInfinity);                              // ∞, or NaN for NaN
        power = Vector.ConditionalSelect(Vector.LessThanOrEqual(x, Vector.Create(LargestExponent)), power, notNormal);
        return Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(SmallestExponent)), Vector<float>.Zero, power);
    }

    /// <summary>1 / (1 + e^−x), within 2.5e-7 of its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sigmoid(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Exp(-x));

    /// <summary>tanh x, within 2.5e-7 of its value, also near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Tanh(Vector<float> x)
    {
        Vector<float> size = Vector.Abs(x);
        Vector<float> far = Vector<float>.One - Vector.Create(2f) / (Exp(size + size) + Vector<float>.One);

        // Near 0 the difference above would cancel: x + x·q(x²)·x² there.
        Vector<float> square = x * x;
        Vector<float> q = MultiplyAdd(square, -0.005704987f, 0.020639088f);
        q = Vector.MultiplyAddEstimate(q, square, Vector.Create(-0.053739715f));
        q = Vector.MultiplyAddEstimate(q, square, Vector.Create(0.13331442f));
        q = Vector.MultiplyAddEstimate(q, square, Vector.Create(-0.3333328f));
        Vector<float> near = Vector.MultiplyAddEstimate(q * square, x, x);
        return Vector.ConditionalSelect(Vector.LessThan(size, Vector.Create(0.625f)), near, Vector.CopySign(far, x));
    }

    /// <summary>e^x, the same bits as a lane of <see cref="Exp(Vector{float})"/>.</summary>
    public static float Exp(float x) => Exp(Vector.Create(x))[0];

    /// <summary>1 / (1 + e^−x), the same bits as a lane of <see cref="Sigmoid(Vector{float})"/>.</summary>
    public static float Sigmoid(float x) => Sigmoid(Vector.Create(x))[0];

    /// <summary>tanh x, the same bits as a lane of <see cref="Tanh(Vector{float})"/>.</summary>
    public static float Tanh(float x) => Tanh(Vector.Create(x))[0];

    private static Vector<float> MultiplyAdd(Vector<float> x, float factor, float summand) =>
        Vector.MultiplyAddEstimate(x, Vector.Create(factor), Vector.Create(summand));
}
