using MathNet.Numerics;

namespace Leftover.Evaluation.Statistics;

/// <summary>Student's t distribution, by its tails.</summary>
internal static class StudentT
{
    /// <summary>P(T ≥ t), exact also far out, where 1 − P(T &lt; t) would be 0.</summary>
    public static double UpperTail(double t, double degreesOfFreedom)
    {
        if (double.IsInfinity(t)) return t > 0 ? 0 : 1;
        double tail = 0.5 * SpecialFunctions.BetaRegularized(degreesOfFreedom / 2, 0.5, degreesOfFreedom / (degreesOfFreedom + t * t));
        return t >= 0 ? tail : 1 - tail;
    }

    /// <summary>The t with P(|T| ≥ t) = <paramref name="twoSided"/>, found by bisection to the last bit.</summary>
    public static double TwoSidedQuantile(double twoSided, double degreesOfFreedom)
    {
        double low = 0, high = 1;
        while (2 * UpperTail(high, degreesOfFreedom) > twoSided) (low, high) = (high, 2 * high);
        while (true)
        {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) return middle;
            if (2 * UpperTail(middle, degreesOfFreedom) > twoSided) low = middle;
            else high = middle;
        }
    }
}
