using System.Numerics;
using System.Runtime.CompilerServices;

namespace Leftover.Tensors.Kernels;

/// <summary>One update's numbers.</summary>
/// <param name="Beta1">β₁.</param>
/// <param name="Rest1">1 − β₁, which is exacter than from the rounded β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Rest2">1 − β₂.</param>
/// <param name="Rate">η / (1 − β₁ᵗ).</param>
/// <param name="SecondCorrection">1 / (1 − β₂ᵗ).</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Keep">1 − η·λ: what decay leaves of a weight.</param>
/// <param name="Scale">What gradients are multiplied by before all else.</param>
internal readonly record struct AdamWFactors(float Beta1, float Rest1, float Beta2, float Rest2, float Rate, float SecondCorrection, float Epsilon, float Keep, float Scale);

/// <summary>The pass of AdamW over weights, gradients and moments.</summary>
internal static unsafe class AdamWKernel
{
    /// <summary>With g the scaled gradient: m = β₁·m + (1−β₁)·g, v = β₂·v + (1−β₂)·g², w = keep·w − rate · m / (sqrt(v·correction) + ε); all are [length].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update(float* weights, float* gradients, float* first, float* second, int length, in AdamWFactors factors)
    {
        Vector<float> beta1 = Vector.Create(factors.Beta1), rest1 = Vector.Create(factors.Rest1);
        Vector<float> beta2 = Vector.Create(factors.Beta2), rest2 = Vector.Create(factors.Rest2);
        Vector<float> rate = Vector.Create(factors.Rate), correction = Vector.Create(factors.SecondCorrection);
        Vector<float> epsilon = Vector.Create(factors.Epsilon), keep = Vector.Create(factors.Keep), scale = Vector.Create(factors.Scale);
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> g = scale * Vector.Load(gradients + i);
            Vector<float> m = Vector.MultiplyAddEstimate(beta1, Vector.Load(first + i), rest1 * g);
            Vector<float> v = Vector.MultiplyAddEstimate(beta2, Vector.Load(second + i), rest2 * g * g);
            m.Store(first + i);
            v.Store(second + i);
            (keep * Vector.Load(weights + i) - rate * m / (Vector.SquareRoot(v * correction) + epsilon)).Store(weights + i);
        }
        for (; i < length; i++)
        {
            float g = factors.Scale * gradients[i];
            first[i] = factors.Beta1 * first[i] + factors.Rest1 * g;
            second[i] = factors.Beta2 * second[i] + factors.Rest2 * g * g;
            weights[i] = factors.Keep * weights[i] - factors.Rate * first[i] / (MathF.Sqrt(second[i] * factors.SecondCorrection) + factors.Epsilon);
        }
    }
}
