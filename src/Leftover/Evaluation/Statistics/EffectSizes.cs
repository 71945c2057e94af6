using MathNet.Numerics;

namespace Leftover.Evaluation.Statistics;

/// <summary>How far two unpaired samples lie apart, without a unit.</summary>
public static class EffectSizes
{
    /// <summary>Cohen's d: the difference of the means in pooled standard deviations; 0 where the means are equal.</summary>
    /// <param name="a">At least 2 values.</param>
    /// <param name="b">At least 2 values.</param>
    /// <exception cref="ArgumentException">A sample is too short or holds a value that is not finite.</exception>
    public static double CohenD(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Descriptive.Check(a, atLeast: 2);
        Descriptive.Check(b, atLeast: 2);
        double difference = Descriptive.MeanOf(a) - Descriptive.MeanOf(b);
        double pooled = (Descriptive.SquaredDeviations(a) + Descriptive.SquaredDeviations(b)) / (a.Length + b.Length - 2);
        return difference == 0 ? 0 : difference / Math.Sqrt(pooled);
    }

    /// <summary>Hedges' g: Cohen's d times Γ(f/2) / (√(f/2)·Γ((f − 1)/2)) with f = n_a + n_b − 2, which takes out its bias for few values (Hedges 1981, exact).</summary>
    /// <param name="a">At least 2 values.</param>
    /// <param name="b">At least 2 values.</param>
    /// <exception cref="ArgumentException">A sample is too short or holds a value that is not finite.</exception>
    public static double HedgesG(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double d = CohenD(a, b), freedom = a.Length + b.Length - 2;
        double logFactor = SpecialFunctions.GammaLn(freedom / 2) - SpecialFunctions.GammaLn((freedom - 1) / 2) - 0.5 * Math.Log(freedom / 2);
        return d * Math.Exp(logFactor);
    }

    /// <summary>P(a &gt; b) + ½·P(a = b) of a value drawn from each, in [0, 1]: the probability of improvement (Agarwal et al. 2021) on one task.</summary>
    /// <param name="a">At least 1 value.</param>
    /// <param name="b">At least 1 value.</param>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not finite.</exception>
    public static double ProbabilityOfImprovement(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => MannWhitneyTest.UOf(a, b) / ((double)a.Length * b.Length);

    /// <summary>Cliff's δ: P(a &gt; b) − P(a &lt; b), in [−1, 1].</summary>
    /// <param name="a">At least 1 value.</param>
    /// <param name="b">At least 1 value.</param>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not finite.</exception>
    public static double CliffDelta(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => 2 * ProbabilityOfImprovement(a, b) - 1;
}
