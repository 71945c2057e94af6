using Leftover.Rewards.Text;

namespace Leftover.Evaluation;

/// <summary>How varied a set of replies is.</summary>
public static class Diversity
{
    /// <summary>Distinct-1, -2 and -3 as METHOD's small tasks count them: distinct n-grams over all n-grams of the corpus, in [0, 1].</summary>
    /// <remarks>Words are lower-cased and split on white space; 0 where there is no n-gram. All distinct-n fall as a corpus grows: compare equal sizes.</remarks>
    public static double[] DistinctByNGrams(IReadOnlyList<string> texts)
    {
        List<List<string>> words = [.. texts.Select(x => TextUnits.Words(x.ToLowerInvariant()))];
        return [.. Enumerable.Range(1, 3).Select(n => Share(DistinctCount(words, n), words.Sum(x => Math.Max(0, x.Count - n + 1))))];
    }

    /// <summary>Distinct-1, -2 and -3 as the HHA script counts them: all three over the number of words.</summary>
    /// <remarks>Case matters, and words are split on single spaces, so that two spaces make an empty word; 0 without texts.</remarks>
    public static double[] DistinctByWords(IReadOnlyList<string> texts)
    {
        List<string[]> words = [.. texts.Select(x => x.Split(' '))];
        return [.. Enumerable.Range(1, 3).Select(n => Share(DistinctCount(words, n), words.Sum(x => x.Length)))];
    }

    /// <summary>The entropy of the corpus's lower-cased words, in nats; 0 without words.</summary>
    public static double UnigramEntropy(IReadOnlyList<string> texts)
    {
        Dictionary<string, int> counts = NGrams.Counts([.. texts.SelectMany(x => TextUnits.Words(x.ToLowerInvariant()))], 1);
        double total = counts.Values.Sum(x => (double)x), entropy = 0;
        foreach (int count in counts.Values) entropy -= count / total * Math.Log(count / total);
        return entropy;
    }

    private static int DistinctCount(IEnumerable<IReadOnlyList<string>> texts, int n)
    {
        HashSet<string> grams = new(StringComparer.Ordinal);
        foreach (IReadOnlyList<string> words in texts) grams.UnionWith(NGrams.Of(words, n));
        return grams.Count;
    }

    private static double Share(int distinct, int total) => total == 0 ? 0 : (double)distinct / total;
}
