namespace Leftover.Advantages;

/// <summary>The open interval that a value head's values lie in; reward units.</summary>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound, above <paramref name="Low"/>.</param>
public readonly record struct ValueRange(double Low, double High)
{
    private const double Margin = 0.1;

    /// <summary>High − Low.</summary>
    public double Width => High - Low;

    /// <summary>From the least to the greatest reward, and a tenth of that more on either side, so that the sigmoid can reach both.</summary>
    /// <param name="rewards">At least one, finite.</param>
    public static ValueRange Around(IEnumerable<double> rewards)
    {
        Spread spread = Spread.Of(rewards);
        double margin = spread.Maximum > spread.Minimum ? Margin * (spread.Maximum - spread.Minimum) : Math.Max(Math.Abs(spread.Mean), 1) / 2;
        return new ValueRange(spread.Minimum - margin, spread.Maximum + margin);
    }

    /// <summary>What the sigmoid's argument must be for a value: ln(p / (1 − p)) with p its place in the range, held off the bounds.</summary>
    public double Logit(double value)
    {
        double p = Math.Clamp((value - Low) / Width, 1e-4, 1 - 1e-4);
        return Math.Log(p / (1 - p));
    }
}
