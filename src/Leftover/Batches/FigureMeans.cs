namespace Leftover.Batches;

/// <summary>Gathers figures of a step over its batches: each is a mean, weighted by what it was measured on.</summary>
public sealed class FigureMeans
{
    private readonly SortedDictionary<string, (double Sum, double Weight)> _sums = new(StringComparer.Ordinal);

    /// <summary>The means, by name.</summary>
    public IReadOnlyDictionary<string, double> Means => _sums.Where(sum => sum.Value.Weight > 0).ToDictionary(sum => sum.Key, sum => sum.Value.Sum / sum.Value.Weight, StringComparer.Ordinal);

    /// <summary>Adds a number.</summary>
    /// <param name="name">The figure's name in metrics, for example <c>rewards/margins</c>.</param>
    /// <param name="value">The number.</param>
    /// <param name="weight">How much it counts, for example the tokens it is the mean of.</param>
    public void Add(string name, double value, double weight = 1)
    {
        (double sum, double all) = _sums.GetValueOrDefault(name);
        _sums[name] = (sum + value * weight, all + weight);
    }
}
