namespace Leftover.Advantages;

/// <summary>An advantage table in a few figures.</summary>
public sealed record AdvantageSummary
{
    private const int Bins = 20;

    /// <summary>Rows in the table.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows kept.</summary>
    public required int Kept { get; init; }

    /// <summary>Rows dropped, by reason.</summary>
    public required IReadOnlyDictionary<DropReason, int> Dropped { get; init; }

    /// <summary>Share of rows with an advantage above 0, whatever the threshold.</summary>
    public required double PositiveFraction { get; init; }

    /// <summary>R of all rows.</summary>
    public required Spread Reward { get; init; }

    /// <summary>V of all rows.</summary>
    public required Spread Value { get; init; }

    /// <summary>A of all rows.</summary>
    public required Spread Advantage { get; init; }

    /// <summary>How the advantages are spread, dropped rows included.</summary>
    public required Histogram Histogram { get; init; }

    /// <summary>The same by where rows come from, sources in ordinal order; rows without a source under "".</summary>
    public required IReadOnlyList<SourceSummary> BySource { get; init; }

    internal static AdvantageSummary Of(IReadOnlyList<AdvantageRow> rows)
    {
        double[] advantages = rows.Select(row => row.Advantage).ToArray();
        return new AdvantageSummary
        {
            Rows = rows.Count,
            Kept = rows.Count(row => row.Kept),
            Dropped = rows.Where(row => !row.Kept).GroupBy(row => row.Reason).OrderBy(group => group.Key).ToDictionary(group => group.Key, group => group.Count()),
            PositiveFraction = Positive(rows),
            Reward = Spread.Of(rows.Select(row => row.Scored.Reward)),
            Value = Spread.Of(rows.Select(row => row.Value)),
            Advantage = Spread.Of(advantages),
            Histogram = Histogram.Of(advantages, Bins),
            BySource = rows.GroupBy(row => row.Scored.Source ?? "", StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => group.ToArray())
                .Select(group => new SourceSummary(group[0].Scored.Source ?? "", group.Length, group.Count(row => row.Kept), Positive(group), Spread.Of(group.Select(row => row.Advantage))))
                .ToArray(),
        };
    }

    private static double Positive(IReadOnlyList<AdvantageRow> rows) => (double)rows.Count(row => row.Advantage > 0) / rows.Count;
}

/// <summary>The rows of one source.</summary>
/// <param name="Source">Its name; "" where rows name none.</param>
/// <param name="Rows">How many there are.</param>
/// <param name="Kept">How many are kept.</param>
/// <param name="PositiveFraction">Share with an advantage above 0.</param>
/// <param name="Advantage">Their advantages.</param>
public sealed record SourceSummary(string Source, int Rows, int Kept, double PositiveFraction, Spread Advantage);

/// <summary>Where numbers lie.</summary>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The greatest.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardDeviation">Their standard deviation, with n − 1; 0 for a single number.</param>
public readonly record struct Spread(double Minimum, double Maximum, double Mean, double StandardDeviation)
{
    /// <summary>The spread of at least one number.</summary>
    public static Spread Of(IEnumerable<double> numbers)
    {
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity, mean = 0, squares = 0;
        int n = 0;
        foreach (double x in numbers)                    // Welford 1962: no cancellation where the mean is large
        {
            n++;
            double delta = x - mean;
            mean += delta / n;
            squares += delta * (x - mean);
            minimum = Math.Min(minimum, x);
            maximum = Math.Max(maximum, x);
        }
        if (minimum == maximum) mean = minimum;          // equal numbers: not a rounding error beside them
        return new Spread(minimum, maximum, mean, n > 1 ? Math.Sqrt(squares / (n - 1)) : 0);
    }
}

/// <summary>Counts in bins of equal width.</summary>
/// <param name="Minimum">Where the first bin begins.</param>
/// <param name="Maximum">Where the last bin ends; it holds this number too.</param>
/// <param name="Counts">Numbers in each bin.</param>
public sealed record Histogram(double Minimum, double Maximum, IReadOnlyList<int> Counts)
{
    /// <summary>The histogram of at least one number; equal numbers fall into one bin.</summary>
    public static Histogram Of(IReadOnlyList<double> numbers, int bins)
    {
        double minimum = numbers.Min(), maximum = numbers.Max();
        if (minimum == maximum) return new Histogram(minimum, maximum, [numbers.Count]);
        int[] counts = new int[bins];
        foreach (double x in numbers) counts[Math.Min((int)((x - minimum) / (maximum - minimum) * bins), bins - 1)]++;
        return new Histogram(minimum, maximum, counts);
    }
}
