using System.Numerics;
using Leftover.Tensors.Kernels;

namespace Leftover.Tensors.Optimizers;

/// <summary>Keeps the gradients' common norm within a bound.</summary>
public static unsafe class GradientClipper
{
    private const int Parts = 1024;                     // partial sums, whatever the number of threads
    private const double Smallest = 1e-6;               // added to the norm, as everywhere in the field

    /// <summary>Scales all gradients by min(1, maxNorm/(norm + 1e-6)).</summary>
    /// <param name="weights">The weights, trainable.</param>
    /// <param name="maxNorm">The bound; 0 or less, or infinity, measures without scaling.</param>
    /// <returns>The Euclidean norm of all gradients together, before scaling. It is not finite where a gradient is not; then nothing is scaled.</returns>
    public static double Clip(WeightSet weights, double maxNorm)
    {
        double norm = Norm(weights);
        float factor = Factor(norm, maxNorm);
        if (factor != 1) ArithmeticKernel.Scale(weights.Gradients, weights.Gradients, factor, accumulate: false, weights.Length);
        return norm;
    }

    /// <summary>min(1, maxNorm/(norm + 1e-6)): what <see cref="Clip"/> scales by, for <see cref="AdamW.Update"/>, which saves a pass over the gradients.</summary>
    /// <param name="norm">The gradients' norm.</param>
    /// <param name="maxNorm">The bound; 0 or less, or infinity, is none.</param>
    /// <returns>In (0, 1]; 1 where the norm is not finite.</returns>
    public static float Factor(double norm, double maxNorm) =>
        maxNorm > 0 && maxNorm / (norm + Smallest) < 1 && double.IsFinite(norm) ? (float)(maxNorm / (norm + Smallest)) : 1;

    /// <summary>The Euclidean norm of all gradients together, summed in double precision.</summary>
    public static double Norm(WeightSet weights)
    {
        if (!weights.Trainable) throw new ArgumentException("GradientClipper: the weights have no gradients; allocate them as trainable.", nameof(weights));
        weights.CompleteGradients();
        double* sums = stackalloc double[Parts];
        new Span<double>(sums, Parts).Clear();
        float* gradients = weights.Gradients;
        long part = (weights.Length + Parts - 1) / Parts;
        ThreadTeam.Shared.For(weights.Length, Math.Max(part, 1), (_, start, end) => sums[start / part] = SumOfSquares(gradients + start, end - start));
        double sum = 0;
        for (int i = 0; i < Parts; i++) sum += sums[i];
        return Math.Sqrt(sum);
    }

    private static double SumOfSquares(float* x, long length)
    {
        Vector<double> s0 = default, s1 = default;
        long i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.Load(x + i), out Vector<double> low, out Vector<double> high);
            s0 += low * low;
            s1 += high * high;
        }
        double sum = Vector.Sum(s0 + s1);
        for (; i < length; i++) sum += (double)x[i] * x[i];
        return sum;
    }
}
