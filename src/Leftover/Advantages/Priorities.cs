namespace Leftover.Advantages;

/// <summary>Sampling probabilities out of advantages or rewards.</summary>
public static class Priorities
{
    /// <summary>p_i ∝ max(x_i, 0)^α over the rows above 0, 0 for the others; all 0 where no row is.</summary>
    /// <param name="credits">Advantages or rewards.</param>
    /// <param name="alpha">α, ≥ 0: 1 is proportional, 0 the same for every row above 0.</param>
    public static double[] Power(ReadOnlySpan<double> credits, double alpha = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        double[] p = new double[credits.Length];
        double largest = 0, sum = 0;
        foreach (double x in credits) largest = Math.Max(largest, x);
        for (int i = 0; i < p.Length; i++)
        {
            // Over the largest: a power of a large credit does not overflow. α = 1 stays exact, credit over sum.
            p[i] = credits[i] <= 0 ? 0 : alpha == 1 ? credits[i] : Math.Pow(credits[i] / largest, alpha);
            sum += p[i];
        }
        if (sum > 0) Divide(p, sum);
        return p;
    }

    /// <summary>p_i ∝ exp(x_i / τ): rows below 0 are drawn too, ever less.</summary>
    /// <param name="credits">Advantages or rewards; at least one.</param>
    /// <param name="temperature">τ, in their units, above 0.</param>
    public static double[] Softmax(ReadOnlySpan<double> credits, double temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        double[] p = new double[credits.Length];
        double largest = double.NegativeInfinity, sum = 0;
        foreach (double x in credits) largest = Math.Max(largest, x);
        for (int i = 0; i < p.Length; i++) sum += p[i] = Math.Exp((credits[i] - largest) / temperature);
        Divide(p, sum);
        return p;
    }

    /// <summary>1/(n·p_i), which makes draws by <paramref name="probabilities"/> stand for draws of n rows alike; 0 where p_i is 0.</summary>
    /// <param name="probabilities">One a row.</param>
    /// <remarks>n counts the rows that can be drawn. Schaul et al. 2016, arXiv:1511.05952, §3.4, with β = 1.</remarks>
    public static double[] ImportanceWeights(ReadOnlySpan<double> probabilities)
    {
        int n = 0;
        foreach (double p in probabilities) n += p > 0 ? 1 : 0;
        double[] weights = new double[probabilities.Length];
        for (int i = 0; i < weights.Length; i++) weights[i] = probabilities[i] > 0 ? 1 / (n * probabilities[i]) : 0;
        return weights;
    }

    /// <summary>1/Σp², how many rows drawn alike would vary as much; between 1 and the number of rows.</summary>
    public static double EffectiveSampleSize(ReadOnlySpan<double> probabilities)
    {
        double squares = 0;
        foreach (double p in probabilities) squares += p * p;
        return 1 / squares;
    }

    private static void Divide(Span<double> p, double sum)
    {
        foreach (ref double x in p) x /= sum;
    }
}
