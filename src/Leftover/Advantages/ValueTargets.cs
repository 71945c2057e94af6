namespace Leftover.Advantages;

/// <summary>What a value head learns: for each prompt with a reward the mean of its rewards, and how many there are.</summary>
/// <param name="Prompts">The prompts' numbers, ascending, each once.</param>
/// <param name="Means">The mean reward of each.</param>
/// <param name="Counts">Rewards of each; a prompt counts in proportion in the squared error.</param>
public sealed record ValueTargets(IReadOnlyList<int> Prompts, IReadOnlyList<double> Means, IReadOnlyList<int> Counts)
{
    /// <summary>The mean of all rewards.</summary>
    public double Mean { get; } = Means.Zip(Counts, (mean, count) => mean * count).Sum() / Counts.Sum();

    /// <summary>Collects the rewards of each prompt.</summary>
    /// <param name="prompts">The prompt of each answer.</param>
    /// <param name="rewards">What each earned.</param>
    /// <exception cref="ArgumentException">There are none, or not as many rewards as prompts.</exception>
    public static ValueTargets Of(ReadOnlySpan<int> prompts, ReadOnlySpan<double> rewards)
    {
        if (prompts.Length != rewards.Length || prompts.Length == 0) throw new ArgumentException($"A value head needs answers with a reward each; there are {prompts.Length} answers and {rewards.Length} rewards.");
        var sums = new SortedDictionary<int, (double Sum, int Count)>();
        for (int i = 0; i < prompts.Length; i++)
        {
            (double sum, int count) = sums.GetValueOrDefault(prompts[i]);
            sums[prompts[i]] = (sum + rewards[i], count + 1);
        }
        return new ValueTargets([.. sums.Keys], [.. sums.Values.Select(s => s.Sum / s.Count)], [.. sums.Values.Select(s => s.Count)]);
    }

    /// <summary>The targets of some of the prompts, by their place in <see cref="Prompts"/>.</summary>
    internal ValueTargets Select(IEnumerable<int> places)
    {
        int[] chosen = [.. places.Order()];
        return new ValueTargets([.. chosen.Select(i => Prompts[i])], [.. chosen.Select(i => Means[i])], [.. chosen.Select(i => Counts[i])]);
    }

    /// <summary>The mean squared error of values for <see cref="Prompts"/>, each prompt counted by its rewards.</summary>
    internal double ErrorOf(IReadOnlyList<double> values)
    {
        double sum = 0;
        for (int i = 0; i < values.Count; i++) sum += Counts[i] * (values[i] - Means[i]) * (values[i] - Means[i]);
        return sum / Counts.Sum();
    }
}
