using System.Text;

namespace Leftover.Rewards.Text;

/// <summary>TF-IDF weights of words, and the specificity reward of METHOD §4.3 read from them.</summary>
/// <remarks>
/// Words are runs of two or more word characters of the lower-cased text. idf = ln((1 + n) / (1 + df)) + 1 over the n documents it was fitted on;
/// a reply's weights are counts × idf of the words that are known, scaled to length 1.
/// </remarks>
public sealed class TfidfVectorizer
{
    private readonly SortedDictionary<string, double> _idf = new(StringComparer.Ordinal);

    /// <summary>Fits on documents; on the train set only.</summary>
    /// <exception cref="ArgumentException">No document holds a word.</exception>
    public TfidfVectorizer(IEnumerable<string> documents)
    {
        Dictionary<string, int> documentCounts = new(StringComparer.Ordinal);
        int count = 0;
        foreach (string document in documents)
        {
            count++;
            foreach (string word in Words(document).Distinct()) documentCounts[word] = documentCounts.GetValueOrDefault(word) + 1;
        }
        if (documentCounts.Count == 0) throw new ArgumentException($"None of the {count} documents holds a word of two or more characters; TF-IDF has nothing to count.");
        foreach ((string word, int having) in documentCounts) _idf[word] = Math.Log((1.0 + count) / (1 + having)) + 1;
    }

    /// <summary>The inverse document frequency of each known word, in ordinal order.</summary>
    public IReadOnlyDictionary<string, double> Idf => _idf;

    /// <summary>The weights of a text's known words, in ordinal order; their squares sum to 1. Empty where no word is known.</summary>
    public IReadOnlyList<(string Word, double Weight)> Weights(string text)
    {
        SortedDictionary<string, double> weights = new(StringComparer.Ordinal);
        foreach (string word in Words(text))
            if (_idf.TryGetValue(word, out double idf)) weights[word] = weights.GetValueOrDefault(word) + idf;
        double length = Math.Sqrt(weights.Values.Sum(x => x * x));
        return [.. weights.Select(x => (x.Key, x.Value / length))];
    }

    /// <summary>The mean weight of the text's known words, times a tenth of their number where they are fewer than five; in [0, 0.448).</summary>
    /// <remarks>As released: it jumps at five words, and falls with 1/√words beyond.</remarks>
    public double Reward(string text)
    {
        IReadOnlyList<(string Word, double Weight)> weights = Weights(text);
        if (weights.Count == 0) return 0;
        double mean = weights.Average(x => x.Weight);
        return weights.Count < 5 ? mean * weights.Count / 10 : mean;
    }

    private static IEnumerable<string> Words(string text)
    {
        StringBuilder word = new();
        int length = 0;
        foreach (Rune rune in text.ToLowerInvariant().EnumerateRunes())
        {
            if (TextUnits.IsWordCharacter(rune))
            {
                word.Append(rune);
                length++;
                continue;
            }
            if (length >= 2) yield return word.ToString();
            word.Clear();
            length = 0;
        }
        if (length >= 2) yield return word.ToString();
    }
}
