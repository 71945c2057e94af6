namespace Leftover.Evaluation.Statistics;

/// <summary>How often one side won; what a tie counts for is in each name.</summary>
/// <param name="Wins">Comparisons won.</param>
/// <param name="Ties">Comparisons without a winner.</param>
/// <param name="Losses">Comparisons lost.</param>
public sealed record WinRate(int Wins, int Ties, int Losses)
{
    /// <summary>All comparisons.</summary>
    public int Count => Wins + Ties + Losses;

    /// <summary>Comparisons with a winner.</summary>
    public int Decided => Wins + Losses;

    /// <summary>The win rate with a tie as half a win, in [0, 1]; null of nothing.</summary>
    public double? TiesHalf => Count == 0 ? null : (Wins + Ties / 2.0) / Count;

    /// <summary>The win rate of the decided comparisons, in [0, 1]; null where none is.</summary>
    public double? OfDecided => Decided == 0 ? null : (double)Wins / Decided;

    /// <summary>The exact two-sided p-value of the decided comparisons against a fair coin; 1 where none is decided.</summary>
    public double P => Proportions.FairCoin(Wins, Losses);

    /// <summary>Counts who is greater, pair by pair.</summary>
    /// <param name="a">One side's values.</param>
    /// <param name="b">The other's, in the same order.</param>
    /// <param name="tolerance">Values that differ by no more are a tie; ≥ 0.</param>
    /// <exception cref="ArgumentException">The samples differ in length, or hold a value that is not finite.</exception>
    public static WinRate Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double tolerance = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tolerance);
        int wins = 0, losses = 0;
        foreach (double difference in Pairs.Differences(a, b, atLeast: 0))
        {
            if (difference > tolerance) wins++;
            if (difference < -tolerance) losses++;
        }
        return new WinRate(wins, a.Length - wins - losses, losses);
    }

    /// <summary>Wilson's interval of <see cref="TiesHalf"/>, taken at the half-integer count.</summary>
    /// <exception cref="ArgumentException">There is no comparison, or the confidence lies outside (0, 1).</exception>
    public Interval Wilson(double confidence) => Proportions.Wilson(Wins + Ties / 2.0, Count, confidence);

    /// <summary>Wilson's interval of <see cref="OfDecided"/>.</summary>
    /// <exception cref="ArgumentException">No comparison is decided, or the confidence lies outside (0, 1).</exception>
    public Interval WilsonOfDecided(double confidence) => Proportions.Wilson(Wins, Decided, confidence);

    /// <summary>The exact interval of <see cref="OfDecided"/>.</summary>
    /// <exception cref="ArgumentException">No comparison is decided, or the confidence lies outside (0, 1).</exception>
    public Interval ClopperPearsonOfDecided(double confidence) => Proportions.ClopperPearson(Wins, Decided, confidence);

    /// <summary>Agresti and Coull's interval of <see cref="OfDecided"/>.</summary>
    /// <exception cref="ArgumentException">No comparison is decided, or the confidence lies outside (0, 1).</exception>
    public Interval AgrestiCoullOfDecided(double confidence) => Proportions.AgrestiCoull(Wins, Decided, confidence);
}
