using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Leftover.Evaluation.Statistics;

/// <summary>Intervals of a share: k of n.</summary>
public static class Proportions
{
    /// <summary>Wilson's score interval (1927): (p̂ + z²/2n ± z·√(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n). Holds up where p̂ is 0 or 1.</summary>
    /// <param name="successes">In [0, trials]; half counts are allowed, for ties.</param>
    /// <param name="trials">At least 1.</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <exception cref="ArgumentException">The counts or the confidence lie outside their ranges.</exception>
    public static Interval Wilson(double successes, double trials, double confidence)
    {
        Check(successes, trials, confidence);
        double z = NormalQuantile(confidence), share = successes / trials, square = z * z / trials;
        double middle = share + square / 2;
        double half = z * Math.Sqrt(share * (1 - share) / trials + square / (4 * trials));
        double low = successes == 0 ? 0 : (middle - half) / (1 + square);          // both ends are exact there; rounding would leave 1e-17
        double high = successes == trials ? 1 : (middle + half) / (1 + square);
        return new Interval(share, low, high, confidence);
    }

    /// <summary>The exact interval of Clopper &amp; Pearson (1934), from quantiles of the beta distribution; never too narrow, often too wide.</summary>
    /// <param name="successes">In [0, trials].</param>
    /// <param name="trials">At least 1.</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <exception cref="ArgumentException">The counts or the confidence lie outside their ranges.</exception>
    public static Interval ClopperPearson(int successes, int trials, double confidence)
    {
        Check(successes, trials, confidence);
        double tail = (1 - confidence) / 2;
        double low = successes == 0 ? 0 : BetaQuantile(tail, successes, trials - successes + 1);
        double high = successes == trials ? 1 : BetaQuantile(1 - tail, successes + 1, trials - successes);
        return new Interval((double)successes / trials, low, high, confidence);
    }

    /// <summary>The interval of Agresti &amp; Coull (1998): the normal one after z²/2 successes and as many failures were added; cut to [0, 1].</summary>
    /// <param name="successes">In [0, trials]; half counts are allowed, for ties.</param>
    /// <param name="trials">At least 1.</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <exception cref="ArgumentException">The counts or the confidence lie outside their ranges.</exception>
    public static Interval AgrestiCoull(double successes, double trials, double confidence)
    {
        Check(successes, trials, confidence);
        double z = NormalQuantile(confidence), count = trials + z * z;
        double share = (successes + z * z / 2) / count;
        double half = z * Math.Sqrt(share * (1 - share) / count);
        return new Interval(successes / trials, Math.Max(0, share - half), Math.Min(1, share + half), confidence);
    }

    /// <summary>The exact two-sided test that a coin is fair: twice the smaller binomial tail, at most 1; 1 without a toss.</summary>
    /// <param name="heads">How often one side fell.</param>
    /// <param name="tails">How often the other.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static double FairCoin(int heads, int tails)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(heads);
        ArgumentOutOfRangeException.ThrowIfNegative(tails);
        return heads + tails == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, heads + tails, Math.Min(heads, tails)));
    }

    private static double NormalQuantile(double confidence) => -Normal.InvCDF(0, 1, (1 - confidence) / 2);

    /// <summary>The x with I_x(a, b) = <paramref name="share"/>, by bisection to the last bit; MathNet's own search stops at 1e-8.</summary>
    private static double BetaQuantile(double share, double a, double b)
    {
        double low = 0, high = 1;
        while (true)
        {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) return middle;
            if (SpecialFunctions.BetaRegularized(a, b, middle) < share) low = middle;
            else high = middle;
        }
    }

    private static void Check(double successes, double trials, double confidence)
    {
        if (trials is not (>= 1 and < double.PositiveInfinity)) throw new ArgumentException($"A share of {trials} trials has no interval; at least 1 is needed.");
        if (!(successes >= 0 && successes <= trials)) throw new ArgumentException($"There are {successes} successes of {trials}; they must lie in [0, {trials}].");
        MeanIntervals.CheckConfidence(confidence);
    }
}
