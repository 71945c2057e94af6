using Leftover.Rewards.Text;

namespace Leftover.Evaluation;

/// <summary>Self-BLEU: how much each text says what the others say; higher is less varied (Zhu et al. 2018, arXiv:1802.01886).</summary>
/// <remarks>
/// The BLEU of each text against all others, with equal weights up to n, the closest reference length, and 0.1 in place of a count of 0
/// (Chen &amp; Cherry 2014, method 1); words are lower-cased and split on white space; the mean over texts.
/// </remarks>
public static class SelfBleu
{
    private const double CountForNone = 0.1;

    /// <summary>Self-BLEU with n-grams up to <paramref name="order"/>, in [0, 1].</summary>
    /// <exception cref="ArgumentException">There are fewer than 2 texts.</exception>
    public static double Of(IReadOnlyList<string> texts, int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        if (texts.Count < 2) throw new ArgumentException($"Self-BLEU compares each text with the others; {texts.Count} is given, at least 2 are needed.");

        List<string>[] words = [.. texts.Select(x => TextUnits.Words(x.ToLowerInvariant()))];
        double[] logPrecisions = new double[words.Length];
        bool[] hasCommonWord = new bool[words.Length];
        for (int n = 1; n <= order; n++)
        {
            Dictionary<string, int>[] counts = [.. words.Select(x => NGrams.Counts(x, n))];
            Dictionary<string, Most> most = MostByGram(counts);
            for (int text = 0; text < words.Length; text++)
            {
                int common = 0;
                foreach ((string gram, int count) in counts[text]) common += Math.Min(count, most[gram].Without(text));
                if (n == 1) hasCommonWord[text] = common > 0;
                int total = Math.Max(1, words[text].Count - n + 1);
                logPrecisions[text] += Math.Log((common == 0 ? CountForNone : common) / total) / order;
            }
        }

        double[] penalties = BrevityPenalties([.. words.Select(x => x.Count)]);
        double sum = 0;
        for (int text = 0; text < words.Length; text++)
            if (hasCommonWord[text]) sum += penalties[text] * Math.Exp(logPrecisions[text]);
        return sum / words.Length;
    }

    /// <summary>The two largest counts of an n-gram in any text, so that one text can be left out.</summary>
    private readonly record struct Most(int First, int Owner, int Second)
    {
        public int Without(int text) => text == Owner ? Second : First;

        public Most With(int text, int count) => count > First ? new Most(count, text, First) : this with { Second = Math.Max(Second, count) };
    }

    private static Dictionary<string, Most> MostByGram(Dictionary<string, int>[] counts)
    {
        Dictionary<string, Most> most = new(StringComparer.Ordinal);
        for (int text = 0; text < counts.Length; text++)
            foreach ((string gram, int count) in counts[text])
                most[gram] = most.GetValueOrDefault(gram, new Most(0, -1, 0)).With(text, count);
        return most;
    }

    /// <summary>e^(1 − r/c) for a text of c words and a closest other of r &gt; c; of two equally close the shorter.</summary>
    private static double[] BrevityPenalties(int[] lengths)
    {
        int[] order = [.. Enumerable.Range(0, lengths.Length).OrderBy(x => lengths[x])];
        double[] penalties = new double[lengths.Length];
        for (int place = 0; place < order.Length; place++)
        {
            int own = lengths[order[place]];
            int below = place > 0 ? own - lengths[order[place - 1]] : int.MaxValue;
            int above = place + 1 < order.Length ? lengths[order[place + 1]] - own : int.MaxValue;
            penalties[order[place]] = own == 0 ? 0 : below <= above ? 1 : Math.Exp(1 - (own + above) / (double)own);
        }
        return penalties;
    }
}
