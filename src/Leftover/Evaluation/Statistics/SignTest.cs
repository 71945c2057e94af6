using MathNet.Numerics.Distributions;

namespace Leftover.Evaluation.Statistics;

/// <summary>The sign test of paired samples: only who is greater counts, ties are left out.</summary>
/// <param name="Wins">Pairs with a &gt; b.</param>
/// <param name="Ties">Pairs with a = b.</param>
/// <param name="Losses">Pairs with a &lt; b.</param>
/// <param name="P">Two-sided and exact: twice the smaller binomial tail, at most 1.</param>
public sealed record SignTest(int Wins, int Ties, int Losses, double P)
{
    /// <summary>Tests paired samples.</summary>
    /// <exception cref="ArgumentException">The samples differ in length, are empty, or hold a value that is not finite.</exception>
    public static SignTest Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        int wins = 0, losses = 0;
        foreach (double difference in Pairs.Differences(a, b, atLeast: 1))
        {
            if (difference > 0) wins++;
            if (difference < 0) losses++;
        }
        int decided = wins + losses;
        double p = decided == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, decided, Math.Min(wins, losses)));
        return new SignTest(wins, a.Length - decided, losses, p);
    }
}
