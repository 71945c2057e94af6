namespace Leftover.Rewards;

/// <summary>Between what values a reward lies; an end may be infinite.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct RewardRange(double Low, double High)
{
    /// <summary>Nothing is known.</summary>
    public static RewardRange Unbounded => new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>[0, 1].</summary>
    public static RewardRange Unit => new(0, 1);

    /// <summary>What is left of the range between bounds.</summary>
    public RewardRange Bounded(double? lower, double? upper) => new(Bound(Low, lower, upper), Bound(High, lower, upper));

    /// <summary>A number between bounds.</summary>
    internal static double Bound(double number, double? lower, double? upper) => Math.Min(upper ?? double.PositiveInfinity, Math.Max(lower ?? double.NegativeInfinity, number));

    /// <summary>The range of values that are one of these two.</summary>
    internal static RewardRange Of(double a, double b) => new(Math.Min(a, b), Math.Max(a, b));

    /// <summary>The range of x·factor.</summary>
    internal RewardRange Times(double factor) => Times(new RewardRange(factor, factor));

    /// <summary>The range of x·y.</summary>
    internal RewardRange Times(RewardRange other)
    {
        double[] corners = [Product(Low, other.Low), Product(Low, other.High), Product(High, other.Low), Product(High, other.High)];
        return new RewardRange(corners.Min(), corners.Max());

        static double Product(double a, double b) => a == 0 || b == 0 ? 0 : a * b;   // values are finite, only their bounds are not
    }
}
