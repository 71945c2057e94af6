namespace Leftover.Rewards;

/// <summary>A normaliser with what it learned of one reward on the train set; written beside results, so that the same numbers come back.</summary>
/// <remarks>
/// A reward that was constant becomes 0 by min-max, z-score and robust: its scale is then 1, as in scikit-learn. New values may leave the range of the
/// train set's: they are not clipped, but ranks stay between the least and the greatest.
/// </remarks>
public sealed record FittedNormalizer
{
    /// <summary>Which formula.</summary>
    public required RewardNormalizer Kind { get; init; }

    /// <summary>What is subtracted: the least value, the mean or the median. Default 0.</summary>
    public double Center { get; init; }

    /// <summary>What it is divided by: range, standard deviation or interquartile range; > 0. Default 1.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>For ranks: the train set's distinct values, ascending.</summary>
    public IReadOnlyList<double> Values { get; init; } = [];

    /// <summary>For ranks: how many values of the train set lie below each of <see cref="Values"/>, and at the end how many there are.</summary>
    public IReadOnlyList<int> Below { get; init; } = [];

    /// <summary>Learns a reward's scale.</summary>
    /// <param name="kind">The formula.</param>
    /// <param name="train">The reward of every row of the train set, and of no other.</param>
    /// <exception cref="ArgumentException">There is no value, or one is not finite.</exception>
    public static FittedNormalizer Fit(RewardNormalizer kind, IReadOnlyList<double> train)
    {
        if (train.Count == 0) throw new ArgumentException("A normaliser is fitted on the train set's rewards, and none is given.");
        double[] sorted = [.. train];
        Array.Sort(sorted);
        if (!double.IsFinite(sorted[0]) || !double.IsFinite(sorted[^1])) throw new ArgumentException("A normaliser is fitted on finite rewards; one is infinite or not a number.");

        double least = sorted[0], range = sorted[^1] - sorted[0];
        switch (kind)
        {
            case RewardNormalizer.None or RewardNormalizer.Sigmoid: return new FittedNormalizer { Kind = kind };
            case RewardNormalizer.Rank or RewardNormalizer.RankMidpoint: return FitRanks(kind, sorted);
            case var _ when range == 0: return Affine(least, 0);   // said here, for the mean of equal values may differ from them in the last bit
            case RewardNormalizer.MinMax: return Affine(least, range);
            case RewardNormalizer.ZScore: return Affine(train.Average(), Deviation(sorted, sorted.Length));
            case RewardNormalizer.ZScoreUnbiased: return Affine(train.Average(), Deviation(sorted, sorted.Length - 1));
            case RewardNormalizer.Robust: return Affine(Quantile(sorted, 0.5), Quantile(sorted, 0.75) - Quantile(sorted, 0.25));
            default: throw new ArgumentException($"{kind} is no normaliser.");
        }

        FittedNormalizer Affine(double center, double scale) => new() { Kind = kind, Center = center, Scale = scale == 0 ? 1 : scale };
    }

    /// <summary>The normalised reward.</summary>
    public double Apply(double reward) => Kind switch
    {
        RewardNormalizer.None => reward,
        RewardNormalizer.Sigmoid => reward >= 0 ? 1 / (1 + Math.Exp(-reward)) : Math.Exp(reward) / (1 + Math.Exp(reward)),
        RewardNormalizer.Rank or RewardNormalizer.RankMidpoint => RankOf(reward),
        _ => (reward - Center) / Scale,
    };

    /// <summary>Where rewards of a range come to lie.</summary>
    public RewardRange Apply(RewardRange range) =>
        Kind == RewardNormalizer.Sigmoid ? new(SigmoidOf(range.Low), SigmoidOf(range.High)) : new(Apply(range.Low), Apply(range.High));

    private double SigmoidOf(double end) => double.IsInfinity(end) ? end > 0 ? 1 : 0 : Apply(end);

    private double RankOf(double reward)
    {
        int total = Below[^1];
        int place = BinarySearch(reward);
        int below = Below[place >= 0 ? place : ~place];
        int equal = place >= 0 ? Below[place + 1] - below : 0;
        if (Kind == RewardNormalizer.RankMidpoint) return (below + equal / 2.0) / total;
        // Between two known values a new one stands half a rank below the upper.
        return total == 1 ? 0 : Math.Clamp((below + (equal - 1) / 2.0) / (total - 1), 0, 1);
    }

    private int BinarySearch(double reward)
    {
        int low = 0, high = Values.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (Values[middle] == reward) return middle;
            if (Values[middle] < reward) low = middle + 1;
            else high = middle - 1;
        }
        return ~low;
    }

    private static FittedNormalizer FitRanks(RewardNormalizer kind, double[] sorted)
    {
        List<double> values = [];
        List<int> below = [];
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && sorted[i] == sorted[i - 1]) continue;
            values.Add(sorted[i]);
            below.Add(i);
        }
        below.Add(sorted.Length);
        return new FittedNormalizer { Kind = kind, Values = values, Below = below };
    }

    private static double Deviation(double[] values, int divisor)
    {
        double mean = values.Average(), sum = 0;
        foreach (double value in values) sum += (value - mean) * (value - mean);
        return Math.Sqrt(sum / divisor);
    }

    /// <summary>Linear between neighbours.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = Math.Min((int)place, sorted.Length - 1), above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
