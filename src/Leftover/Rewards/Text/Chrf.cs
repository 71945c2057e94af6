using System.Text;

namespace Leftover.Rewards.Text;

/// <summary>chrF (Popović 2015) and, with words, chrF++ (2017), as sacrebleu counts them: F_β of n-gram precisions and recalls, each averaged over orders.</summary>
/// <remarks>Characters are Unicode code points, white space left out; for words, punctuation at one end of a word stands apart. Orders that one of the texts is too short for do not count.</remarks>
public static class Chrf
{
    private const int CharacterOrder = 6;
    private const double BetaSquared = 4;   // recall counts twice as much as precision
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The score of one text, in [0, 100].</summary>
    /// <param name="hypothesis">What is scored.</param>
    /// <param name="reference">What it is held against.</param>
    /// <param name="wordOrder">The longest n-grams of words: 0 for chrF, 2 for chrF++.</param>
    public static double OfSentence(string hypothesis, string reference, int wordOrder = 0) => OfCorpus([hypothesis], [reference], wordOrder);

    /// <summary>The score of a corpus, in [0, 100]: counts are added up over its texts.</summary>
    /// <param name="hypotheses">What is scored.</param>
    /// <param name="references">One a hypothesis.</param>
    /// <param name="wordOrder">The longest n-grams of words: 0 for chrF, 2 for chrF++.</param>
    /// <exception cref="ArgumentException">There are more or fewer references than hypotheses.</exception>
    public static double OfCorpus(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, int wordOrder = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(wordOrder);
        if (hypotheses.Count != references.Count) throw new ArgumentException($"There are {hypotheses.Count} hypotheses and {references.Count} references; each needs one.");
        Counts[] orders = new Counts[CharacterOrder + wordOrder];
        for (int i = 0; i < hypotheses.Count; i++)
        {
            List<string> own = Characters(hypotheses[i]), known = Characters(references[i]);
            for (int n = 1; n <= CharacterOrder; n++) orders[n - 1] = orders[n - 1].Plus(own, known, n);
            if (wordOrder == 0) continue;
            (own, known) = (Words(hypotheses[i]), Words(references[i]));
            for (int n = 1; n <= wordOrder; n++) orders[CharacterOrder + n - 1] = orders[CharacterOrder + n - 1].Plus(own, known, n);
        }

        Counts[] counted = [.. orders.Where(x => x.Hypothesis > 0 && x.Reference > 0)];
        if (counted.Length == 0) return 0;
        double precision = counted.Average(x => (double)x.Matches / x.Hypothesis), recall = counted.Average(x => (double)x.Matches / x.Reference);
        return precision + recall == 0 ? 0 : 100 * (1 + BetaSquared) * precision * recall / (BetaSquared * precision + recall);
    }

    private static List<string> Characters(string text) => [.. TextUnits.Words(text).SelectMany(x => x.EnumerateRunes()).Select(x => x.ToString())];

    private static List<string> Words(string text)
    {
        List<string> words = [];
        foreach (string word in TextUnits.Words(text))
        {
            if (TextUnits.CountCharacters(word) == 1) words.Add(word);
            else if (Punctuation.Contains(word[^1])) words.AddRange([word[..^1], word[^1..]]);
            else if (Punctuation.Contains(word[0])) words.AddRange([word[..1], word[1..]]);
            else words.Add(word);
        }
        return words;
    }

    private readonly record struct Counts(long Hypothesis, long Reference, long Matches)
    {
        public Counts Plus(List<string> own, List<string> known, int n)
        {
            int totalOwn = Math.Max(0, own.Count - n + 1), totalKnown = Math.Max(0, known.Count - n + 1);
            Dictionary<string, int> counts = NGrams.Counts(known, n);
            long matches = 0;
            foreach ((string gram, int count) in NGrams.Counts(own, n)) matches += Math.Min(count, counts.GetValueOrDefault(gram));
            return new Counts(Hypothesis + (totalKnown > 0 ? totalOwn : 0), Reference + totalKnown, Matches + matches);
        }
    }
}
