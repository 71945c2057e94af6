using System.Globalization;
using Leftover.Advantages;
using Leftover.Evaluation.Statistics;
using Leftover.Rewards;

namespace Leftover.Evaluation;

/// <summary>One reward's scores on the train set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Scores">One a row.</param>
/// <param name="Range">Between what values it lies, caps included; an end may be infinite.</param>
/// <param name="MeansLength">True where length is what it is meant to reward.</param>
public sealed record ScoredColumn(string Name, double[] Scores, RewardRange Range, bool MeansLength = false);

/// <summary>Looks at the train set's rewards for such as say little, or not what they should: constant, saturated, nearly a function of length, or the same as another.</summary>
/// <remarks>Correlations are Spearman's, so that a normaliser changes none of them.</remarks>
public sealed record RewardDiagnostics
{
    /// <summary>A reward is saturated where more than this share of rows lies at one of its ends.</summary>
    public const double SaturatedShare = 0.8;

    /// <summary>A reward is nearly a function of length above this |ρ|.</summary>
    public const double LengthBound = 0.8;

    /// <summary>Two rewards are nearly the same above this |ρ|.</summary>
    public const double TwinBound = 0.95;

    private const int FewRows = 10, Bins = 20;                // below so many rows a correlation says nothing
    private const double EndWidth = 0.01;                     // of the range: 0.995 of a probability is its end

    /// <summary>Each reward, in the order of the recipe; then <c>total</c> where several are combined.</summary>
    public required IReadOnlyList<RewardProfile> Rewards { get; init; }

    /// <summary>What is to be minded, a sentence each. A constant reward is the combiner's to warn of.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Looks at rewards.</summary>
    /// <param name="columns">The rewards; one value a row in each.</param>
    /// <param name="lengths">Each row's completion, in characters.</param>
    /// <exception cref="ArgumentException">Columns differ in length, or a score is not finite.</exception>
    public static RewardDiagnostics Of(IReadOnlyList<ScoredColumn> columns, double[] lengths)
    {
        foreach (ScoredColumn column in columns)
            if (column.Scores.Length != lengths.Length) throw new ArgumentException($"The reward '{column.Name}' has {column.Scores.Length} rows, and there are {lengths.Length} lengths; each row needs one of both.");
        RewardProfile[] profiles = lengths.Length == 0 ? [] : [.. columns.Select(column => ProfileOf(column, columns, lengths))];
        return new RewardDiagnostics { Rewards = profiles, Warnings = [.. profiles.Zip(columns).SelectMany(pair => Saturated(pair.First)), .. Lengths(profiles, columns), .. Twins(profiles)] };
    }

    private static RewardProfile ProfileOf(ScoredColumn column, IReadOnlyList<ScoredColumn> all, double[] lengths)
    {
        double[] sorted = [.. column.Scores];
        Descriptive.Check(sorted, atLeast: 1);
        Array.Sort(sorted);
        (double atLow, double atHigh) = Ends(sorted, column.Range);
        return new RewardProfile
        {
            Name = column.Name,
            Rows = sorted.Length,
            Values = sorted.Distinct().Count(),
            Spread = Spread.Of(column.Scores),
            Quantiles = [.. new[] { 0.05, 0.25, 0.5, 0.75, 0.95 }.Select(share => Descriptive.QuantileOfSorted(sorted, share))],
            Histogram = Histogram.Of(column.Scores, Bins),
            AtLow = atLow,
            AtHigh = atHigh,
            LengthCorrelation = Between(column.Scores, lengths),
            Correlations = all.Where(other => other.Name != column.Name).Select(other => (other.Name, Value: Between(column.Scores, other.Scores)))
                .Where(pair => pair.Value is not null).ToDictionary(pair => pair.Name, pair => pair.Value!.Value, StringComparer.Ordinal),
        };
    }

    /// <summary>Where the range is known, what lies within a hundredth of its end; else the least and the greatest value themselves.</summary>
    private static (double Low, double High) Ends(double[] sorted, RewardRange range)
    {
        bool low = double.IsFinite(range.Low), high = double.IsFinite(range.High);
        double width = low && high ? EndWidth * (range.High - range.Low) : 0;
        double lowest = low ? range.Low + width : sorted[0], highest = high ? range.High - width : sorted[^1];
        return ((double)sorted.Count(score => score <= lowest) / sorted.Length, (double)sorted.Count(score => score >= highest) / sorted.Length);
    }

    private static double? Between(double[] a, double[] b) =>
        a.Length < FewRows || Correlation.IsConstant(a) || Correlation.IsConstant(b) ? null : Correlation.Spearman(a, b).Coefficient;

    private static IEnumerable<string> Saturated(RewardProfile profile)
    {
        if (!profile.IsSaturated) yield break;
        bool high = profile.AtHigh >= profile.AtLow;
        yield return $"The reward '{profile.Name}' is saturated: {Percent(high ? profile.AtHigh : profile.AtLow)} of the train set's rows lie at its {(high ? "upper" : "lower")} end, so it tells few completions from each other.";
    }

    private static IEnumerable<string> Lengths(RewardProfile[] profiles, IReadOnlyList<ScoredColumn> columns) =>
        from pair in profiles.Zip(columns)
        where pair.First.FollowsLength && !pair.Second.MeansLength
        select $"The reward '{pair.First.Name}' is nearly a function of length: Spearman's ρ with the completion's characters is {Number(pair.First.LengthCorrelation!.Value)} on the train set. A policy can earn it by {(pair.First.LengthCorrelation > 0 ? "long" : "short")} answers alone.";

    private static IEnumerable<string> Twins(RewardProfile[] profiles)
    {
        for (int i = 0; i < profiles.Length; i++)
            for (int j = i + 1; j < profiles.Length; j++)
                if (profiles[j].Name != ResultsBuilder.Total && profiles[i].Correlations.TryGetValue(profiles[j].Name, out double correlation) && Math.Abs(correlation) > TwinBound)
                    yield return $"The rewards '{profiles[i].Name}' and '{profiles[j].Name}' order the train set's rows {(correlation > 0 ? "alike" : "against each other")} (Spearman's ρ {Number(correlation)}): together they count as one, with {(correlation > 0 ? "both weights" : "the difference of their weights")}.";
    }

    private static string Percent(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + "%";

    private static string Number(double number) => number.ToString("0.00", CultureInfo.InvariantCulture);
}
