namespace Leftover.Rewards.Text;

/// <summary>Precision, recall and their harmonic mean; each in [0, 1].</summary>
/// <param name="Precision">What of the hypothesis stands in the reference.</param>
/// <param name="Recall">What of the reference stands in the hypothesis.</param>
public readonly record struct RougeScore(double Precision, double Recall)
{
    /// <summary>2·precision·recall / (precision + recall); 0 where both are.</summary>
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;
}

/// <summary>ROUGE (Lin 2004) as the rouge-score package counts it: n-grams or longest common subsequences of lower-cased runs of a–z and 0–9.</summary>
public static class Rouge
{
    private const int ShortWord = 3;   // words up to this length are not stemmed

    /// <summary>ROUGE-n: n-grams in common.</summary>
    /// <param name="hypothesis">What is scored.</param>
    /// <param name="reference">What it is held against.</param>
    /// <param name="n">Words an n-gram; ≥ 1.</param>
    /// <param name="stem">Words longer than 3 letters are stemmed first (<see cref="PorterStemmer"/>).</param>
    public static RougeScore OfNGrams(string hypothesis, string reference, int n, bool stem = false)
    {
        List<string> own = Words(hypothesis, stem), known = Words(reference, stem);
        Dictionary<string, int> counts = NGrams.Counts(known, n);
        int common = 0;
        foreach ((string gram, int count) in NGrams.Counts(own, n)) common += Math.Min(count, counts.GetValueOrDefault(gram));
        return Score(common, own.Count - n + 1, known.Count - n + 1);
    }

    /// <summary>ROUGE-L: the longest common subsequence of the whole texts; newlines mean nothing.</summary>
    /// <param name="hypothesis">What is scored.</param>
    /// <param name="reference">What it is held against.</param>
    /// <param name="stem">Words longer than 3 letters are stemmed first.</param>
    public static RougeScore OfSequence(string hypothesis, string reference, bool stem = false)
    {
        List<string> own = Words(hypothesis, stem), known = Words(reference, stem);
        return Score(CommonPlaces(known, own).Count, own.Count, known.Count);
    }

    /// <summary>ROUGE-Lsum: for each line of the reference, the union of its longest common subsequences with all lines of the hypothesis; no word counts more often than both texts have it.</summary>
    /// <param name="hypothesis">What is scored.</param>
    /// <param name="reference">What it is held against.</param>
    /// <param name="stem">Words longer than 3 letters are stemmed first.</param>
    public static RougeScore OfLines(string hypothesis, string reference, bool stem = false)
    {
        List<string>[] own = Lines(hypothesis, stem), known = Lines(reference, stem);
        Dictionary<string, int> leftOwn = NGrams.Counts([.. own.SelectMany(x => x)], 1), leftKnown = NGrams.Counts([.. known.SelectMany(x => x)], 1);
        int common = 0;
        foreach (List<string> line in known)
        {
            SortedSet<int> places = [.. own.SelectMany(x => CommonPlaces(line, x))];
            foreach (int place in places)
            {
                string word = line[place];
                if (leftOwn.GetValueOrDefault(word) == 0 || leftKnown[word] == 0) continue;
                leftOwn[word]--;
                leftKnown[word]--;
                common++;
            }
        }
        return Score(common, own.Sum(x => x.Count), known.Sum(x => x.Count));
    }

    private static RougeScore Score(int common, int own, int known) => common == 0 ? default : new RougeScore((double)common / own, (double)common / known);

    private static List<string>[] Lines(string text, bool stem) => [.. text.Split('\n').Where(x => x.Length > 0).Select(x => Words(x, stem))];

    private static List<string> Words(string text, bool stem)
    {
        List<string> words = [];
        string lower = text.ToLowerInvariant();
        for (int start = 0; start < lower.Length;)
        {
            int end = start;
            while (end < lower.Length && (char.IsAsciiLetterLower(lower[end]) || char.IsAsciiDigit(lower[end]))) end++;
            if (end > start)
            {
                string word = lower[start..end];
                words.Add(stem && word.Length > ShortWord ? PorterStemmer.Stem(word) : word);
            }
            start = end + 1;
        }
        return words;
    }

    /// <summary>The places in <paramref name="text"/> of one longest common subsequence, that which keeps to its end.</summary>
    private static List<int> CommonPlaces(List<string> text, List<string> other)
    {
        int[,] lengths = new int[text.Count + 1, other.Count + 1];
        for (int i = 1; i <= text.Count; i++)
            for (int j = 1; j <= other.Count; j++)
                lengths[i, j] = text[i - 1] == other[j - 1] ? lengths[i - 1, j - 1] + 1 : Math.Max(lengths[i - 1, j], lengths[i, j - 1]);

        List<int> places = [];
        for (int i = text.Count, j = other.Count; i > 0 && j > 0;)
        {
            if (text[i - 1] == other[j - 1])
            {
                places.Add(i - 1);
                i--;
                j--;
            }
            else if (lengths[i, j - 1] > lengths[i - 1, j]) j--;
            else i--;
        }
        return places;
    }
}
