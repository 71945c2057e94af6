using Leftover.Advantages;

namespace Leftover.Evaluation;

/// <summary>One reward on the train set: how it is spread, and what it goes along with.</summary>
public sealed record RewardProfile
{
    /// <summary>Its name, or <c>total</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Rows scored.</summary>
    public required int Rows { get; init; }

    /// <summary>Different values among them.</summary>
    public required int Values { get; init; }

    /// <summary>Least, greatest, mean and standard deviation.</summary>
    public required Spread Spread { get; init; }

    /// <summary>The 5 %, 25 %, 50 %, 75 % and 95 % quantiles, linear between neighbours.</summary>
    public required IReadOnlyList<double> Quantiles { get; init; }

    /// <summary>Counts in bins of equal width.</summary>
    public required Histogram Histogram { get; init; }

    /// <summary>Share of rows at its lower end: the cap, the end of its range, or the least value.</summary>
    public required double AtLow { get; init; }

    /// <summary>Share of rows at its upper end.</summary>
    public required double AtHigh { get; init; }

    /// <summary>Spearman's ρ with the completion's length in characters; null where one of the two does not vary.</summary>
    public double? LengthCorrelation { get; init; }

    /// <summary>Spearman's ρ with every other reward, by name; none with one that does not vary.</summary>
    public IReadOnlyDictionary<string, double> Correlations { get; init; } = new Dictionary<string, double>();

    /// <summary>It has one value in all rows.</summary>
    public bool IsConstant => Values <= 1;

    /// <summary>Most rows lie at one of its ends: more than <see cref="RewardDiagnostics.SaturatedShare"/>.</summary>
    public bool IsSaturated => !IsConstant && Math.Max(AtLow, AtHigh) > RewardDiagnostics.SaturatedShare;

    /// <summary>It is nearly a function of length: |ρ| above <see cref="RewardDiagnostics.LengthBound"/>.</summary>
    public bool FollowsLength => LengthCorrelation is { } correlation && Math.Abs(correlation) > RewardDiagnostics.LengthBound;
}
