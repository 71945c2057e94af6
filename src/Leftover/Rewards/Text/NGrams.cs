namespace Leftover.Rewards.Text;

/// <summary>Counts of n-grams of words.</summary>
public static class NGrams
{
    /// <summary>All n-grams of the words, in order; each its words with a space between, which no word contains.</summary>
    /// <param name="words">Words without spaces.</param>
    /// <param name="n">Words an n-gram; at least 1.</param>
    public static IEnumerable<string> Of(IReadOnlyList<string> words, int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        for (int i = 0; i + n <= words.Count; i++)
            yield return n == 1 ? words[i] : string.Join(' ', Enumerable.Range(i, n).Select(j => words[j]));
    }

    /// <summary>How often each n-gram occurs.</summary>
    public static Dictionary<string, int> Counts(IReadOnlyList<string> words, int n)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string gram in Of(words, n)) counts[gram] = counts.GetValueOrDefault(gram) + 1;
        return counts;
    }

    /// <summary>Distinct n-grams over all n-grams of one text, lower-cased, in [0, 1]; 0 where there is none.</summary>
    public static double DistinctShare(string text, int n)
    {
        List<string> words = TextUnits.Words(text.ToLowerInvariant());
        int total = Math.Max(0, words.Count - n + 1);
        return total == 0 ? 0 : (double)Counts(words, n).Count / total;
    }
}
