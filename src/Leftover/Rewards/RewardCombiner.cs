using Leftover.Data;

namespace Leftover.Rewards;

/// <summary>One reward within a <see cref="RewardCombiner"/>.</summary>
/// <param name="Name">The reward's name.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Normalizer">Its normaliser, fitted on the train set.</param>
/// <param name="VarianceShare">
/// Its share of the variance of the weighted sum on the train set: its covariance with the sum over the sum's variance. All shares add up to 1; one is
/// negative where the reward falls as the sum rises. Null where the sum is constant, or is not what is formed.
/// </param>
public sealed record CombinedReward(string Name, double Weight, FittedNormalizer Normalizer, double? VarianceShare)
{
    /// <summary>Scores below count as this, before they are normalised. Default no bound.</summary>
    public double? Lower { get; init; }

    /// <summary>Scores above count as this. Default no bound.</summary>
    public double? Upper { get; init; }

    /// <summary>The score as it is weighed: bounded, then normalised.</summary>
    public double Apply(double score) => Normalizer.Apply(RewardRange.Bound(score, Lower, Upper));

    /// <summary>Where scores of a range come to lie.</summary>
    internal RewardRange Apply(RewardRange range) => Normalizer.Apply(range.Bounded(Lower, Upper));
}

/// <summary>Makes one reward of several: bound and normalise each, weigh, combine. Fitted on the train set, then the same for every row; it is written beside results.</summary>
public sealed record RewardCombiner
{
    /// <summary>A reward with more than this share of the sum's variance is warned of.</summary>
    public const double DominantShare = 0.8;

    /// <summary>The rewards, in the order of the recipe.</summary>
    public required IReadOnlyList<CombinedReward> Rewards { get; init; }

    /// <summary>How they become one. Default their weighted sum.</summary>
    public RewardAggregation Aggregation { get; init; } = RewardAggregation.WeightedSum;

    /// <summary>What was odd about the train set's rewards, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Fits normalisers and looks for rewards that say nothing or drown the others.</summary>
    /// <param name="weights">The rewards to combine; names are unlike.</param>
    /// <param name="train">Each reward's values on the train set, row by row.</param>
    /// <param name="aggregation">How they become one.</param>
    /// <exception cref="ArgumentException">No reward is named, one twice, one is missing from the columns, or columns differ in length; or the weights of a mean add up to 0.</exception>
    public static RewardCombiner Fit(
        IReadOnlyList<RewardWeight> weights, IReadOnlyDictionary<string, double[]> train, RewardAggregation aggregation = RewardAggregation.WeightedSum)
    {
        Check(weights, train, aggregation);
        train = weights.ToDictionary(x => x.Name, x => Array.ConvertAll(train[x.Name], x.Bounded), StringComparer.Ordinal);
        FittedNormalizer[] normalizers = [.. weights.Select(x => FittedNormalizer.Fit(x.Normalizer, train[x.Name]))];
        bool isLinear = aggregation is RewardAggregation.WeightedSum or RewardAggregation.WeightedMean;
        double?[] shares = isLinear ? VarianceShares(weights, normalizers, train) : new double?[weights.Count];
        return new RewardCombiner
        {
            Rewards = [.. weights.Select((x, i) => new CombinedReward(x.Name, x.Weight, normalizers[i], shares[i]) { Lower = x.Lower, Upper = x.Upper })],
            Aggregation = aggregation,
            Warnings = [.. ConstantRewards(weights, train), .. DominantRewards(weights, shares)],
        };
    }

    /// <summary>The combined reward of one row.</summary>
    /// <param name="rewards">The row's rewards by name; others than those combined do not count.</param>
    /// <exception cref="DataException">A reward is missing.</exception>
    public double Combine(IReadOnlyDictionary<string, double> rewards)
    {
        double sum = 0, product = 1, least = double.PositiveInfinity;
        foreach (CombinedReward reward in Rewards)
        {
            if (!rewards.TryGetValue(reward.Name, out double raw))
                throw new DataException($"A row has no reward '{reward.Name}'; it has: {(rewards.Count == 0 ? "none" : string.Join(", ", rewards.Keys))}. Score the rows again.");
            double value = reward.Apply(raw);
            sum += reward.Weight * value;
            product *= value;
            least = Math.Min(least, value);
        }
        return Aggregation switch
        {
            RewardAggregation.WeightedMean => sum / Rewards.Sum(x => x.Weight),
            RewardAggregation.Minimum => least,
            RewardAggregation.Product => product,
            _ => sum,
        };
    }

    /// <summary>Between what values the combined reward lies, where the single ones lie between theirs.</summary>
    /// <param name="ranges">Each reward's range before normalisation; one that is not there is unbounded.</param>
    public RewardRange RangeOf(IReadOnlyDictionary<string, RewardRange> ranges)
    {
        RewardRange[] parts = [.. Rewards.Select(x => x.Apply(ranges.TryGetValue(x.Name, out RewardRange range) ? range : RewardRange.Unbounded))];
        return Aggregation switch
        {
            RewardAggregation.Minimum => new RewardRange(parts.Min(x => x.Low), parts.Min(x => x.High)),
            RewardAggregation.Product => parts.Aggregate(new RewardRange(1, 1), (x, y) => x.Times(y)),
            _ => parts.Select((x, i) => x.Times(Share(i))).Aggregate(new RewardRange(0, 0), (x, y) => new RewardRange(x.Low + y.Low, x.High + y.High)),
        };

        double Share(int i) => Aggregation == RewardAggregation.WeightedMean ? Rewards[i].Weight / Rewards.Sum(x => x.Weight) : Rewards[i].Weight;
    }

    /// <summary>The combined reward of every row.</summary>
    /// <param name="columns">Each reward's values, row by row.</param>
    /// <exception cref="ArgumentException">A reward is missing, or columns differ in length.</exception>
    public double[] CombineAll(IReadOnlyDictionary<string, double[]> columns)
    {
        int rows = CheckColumns([.. Rewards.Select(x => x.Name)], columns);
        Dictionary<string, double> row = [];
        double[] combined = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            foreach (CombinedReward reward in Rewards) row[reward.Name] = columns[reward.Name][i];
            combined[i] = Combine(row);
        }
        return combined;
    }

    private static double?[] VarianceShares(IReadOnlyList<RewardWeight> weights, FittedNormalizer[] normalizers, IReadOnlyDictionary<string, double[]> train)
    {
        double[][] parts = [.. weights.Select((x, i) => Centred(Array.ConvertAll(train[x.Name], y => x.Weight * normalizers[i].Apply(y))))];
        double[] sum = new double[parts[0].Length];
        foreach (double[] part in parts)
            for (int row = 0; row < sum.Length; row++) sum[row] += part[row];
        double variance = Dot(sum, sum);
        return [.. parts.Select(x => variance > 0 ? Dot(x, sum) / variance : (double?)null)];
    }

    private static IEnumerable<string> ConstantRewards(IReadOnlyList<RewardWeight> weights, IReadOnlyDictionary<string, double[]> train) =>
        from weight in weights
        let values = train[weight.Name]
        where values.Length > 1 && values.All(x => x == values[0])
        select $"The reward '{weight.Name}' is {values[0]} in all {values.Length} rows of the train set: it tells no completion from another.";

    private static IEnumerable<string> DominantRewards(IReadOnlyList<RewardWeight> weights, double?[] shares)
    {
        if (weights.Count(x => x.Weight != 0) < 2) yield break;
        for (int i = 0; i < shares.Length; i++)
            if (shares[i] > DominantShare)
                yield return $"The reward '{weights[i].Name}' makes up {shares[i]:P0} of the variance of the combined reward, so the others hardly count. Normalise the rewards (z_score) or weigh it less.";
    }

    private static void Check(IReadOnlyList<RewardWeight> weights, IReadOnlyDictionary<string, double[]> train, RewardAggregation aggregation)
    {
        if (weights.Count == 0) throw new ArgumentException("No reward is named; at least one is needed.");
        foreach (RewardWeight weight in weights)
        {
            if (!double.IsFinite(weight.Weight)) throw new ArgumentException($"The weight of '{weight.Name}' is {weight.Weight}; it must be finite.");
            if (weight.Lower > weight.Upper) throw new ArgumentException($"The lower bound of '{weight.Name}' is {weight.Lower} and its upper one {weight.Upper}; the lower must be at most the upper.");
        }
        if (weights.GroupBy(x => x.Name).FirstOrDefault(x => x.Count() > 1) is { } twice)
            throw new ArgumentException($"The reward '{twice.Key}' is named {twice.Count()} times; give each its own name.");
        if (aggregation == RewardAggregation.WeightedMean && weights.Sum(x => x.Weight) == 0)
            throw new ArgumentException("The weights add up to 0, so they have no weighted mean; use the weighted sum.");
        CheckColumns([.. weights.Select(x => x.Name)], train);
    }

    /// <summary>The number of rows.</summary>
    private static int CheckColumns(string[] names, IReadOnlyDictionary<string, double[]> columns)
    {
        foreach (string name in names)
            if (!columns.ContainsKey(name)) throw new ArgumentException($"There is no reward '{name}'; there is: {(columns.Count == 0 ? "none" : string.Join(", ", columns.Keys))}.");
        int rows = columns[names[0]].Length;
        foreach (string name in names)
            if (columns[name].Length != rows) throw new ArgumentException($"The reward '{name}' has {columns[name].Length} rows and '{names[0]}' {rows}; all need one value a row.");
        return rows;
    }

    private static double[] Centred(double[] values)
    {
        if (Array.TrueForAll(values, x => x == values[0])) return new double[values.Length];   // no rounding in place of a variance
        double mean = values.Average();
        return Array.ConvertAll(values, x => x - mean);
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
