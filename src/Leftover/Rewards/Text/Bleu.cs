using System.Globalization;

namespace Leftover.Rewards.Text;

/// <summary>BLEU (Papineni et al. 2002) as sacrebleu counts it (Post 2018): brevity penalty × geometric mean of clipped n-gram precisions.</summary>
/// <param name="Score">In [0, 100].</param>
/// <param name="Precisions">Of each order, in [0, 100], smoothed where they were 0.</param>
/// <param name="BrevityPenalty">e^(1 − reference length / hypothesis length) where the hypothesis is the shorter, else 1.</param>
/// <param name="HypothesisLength">In tokens.</param>
/// <param name="ReferenceLength">In tokens; of several references the closest in length, of two equally close the shorter.</param>
public sealed record Bleu(double Score, double[] Precisions, double BrevityPenalty, int HypothesisLength, int ReferenceLength)
{
    /// <summary>BLEU of a corpus.</summary>
    /// <param name="hypotheses">What is scored.</param>
    /// <param name="references">For each hypothesis its references, at least one.</param>
    /// <param name="options">How it is counted; null takes sacrebleu's defaults.</param>
    /// <exception cref="ArgumentException">There are more or fewer sets of references than hypotheses, or a set is empty.</exception>
    public static Bleu OfCorpus(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references, BleuOptions? options = null)
    {
        options ??= new BleuOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Order, 1);
        if (hypotheses.Count != references.Count) throw new ArgumentException($"There are {hypotheses.Count} hypotheses and {references.Count} sets of references; each needs one.");
        double[] matches = new double[options.Order], totals = new double[options.Order];
        int length = 0, referenceLength = 0;
        for (int i = 0; i < hypotheses.Count; i++)
        {
            if (references[i].Count == 0) throw new ArgumentException($"Hypothesis {i} has no reference; it needs at least one.");
            List<string> words = BleuTokenizer.Cut(hypotheses[i], options);
            List<string>[] known = [.. references[i].Select(x => BleuTokenizer.Cut(x, options))];
            length += words.Count;
            referenceLength += known.Select(x => x.Count).OrderBy(x => Math.Abs(x - words.Count)).ThenBy(x => x).First();
            for (int n = 1; n <= options.Order; n++)
            {
                Dictionary<string, int>[] counts = [.. known.Select(x => NGrams.Counts(x, n))];
                foreach ((string gram, int count) in NGrams.Counts(words, n)) matches[n - 1] += Math.Min(count, counts.Max(x => x.GetValueOrDefault(gram)));
                totals[n - 1] += Math.Max(0, words.Count - n + 1);
            }
        }
        return Of(matches, totals, length, referenceLength, options);
    }

    /// <summary>BLEU of one sentence.</summary>
    /// <param name="hypothesis">What is scored.</param>
    /// <param name="references">At least one.</param>
    /// <param name="options">How it is counted; null takes sacrebleu's defaults for a sentence.</param>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public static Bleu OfSentence(string hypothesis, IReadOnlyList<string> references, BleuOptions? options = null) =>
        OfCorpus([hypothesis], [references], options ?? BleuOptions.Sentence);

    /// <summary>The score with its precisions, for example <c>12.3 (45.0/20.1/9.9/4.2, brevity 0.98)</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Score:F1} ({string.Join('/', Precisions.Select(x => x.ToString("F1", CultureInfo.InvariantCulture)))}, brevity {BrevityPenalty:F2})");

    private static Bleu Of(double[] matches, double[] totals, int length, int referenceLength, BleuOptions options)
    {
        double penalty = length >= referenceLength ? 1 : length == 0 ? 0 : Math.Exp(1 - (double)referenceLength / length);
        double[] precisions = new double[options.Order];
        if (matches.All(x => x == 0)) return new Bleu(0, precisions, penalty, length, referenceLength);

        int orders = options.Order;
        double unmatched = 1;
        for (int n = 0; n < options.Order; n++)
        {
            double added = options.Smoothing == BleuSmoothing.AddK && n > 0 ? options.SmoothingValue : 0;
            double total = totals[n] + added, match = matches[n] + added;
            if (total == 0) break;
            if (options.EffectiveOrder) orders = n + 1;
            if (match == 0 && options.Smoothing == BleuSmoothing.Exponential) match = 1 / (unmatched *= 2);
            if (match == 0 && options.Smoothing == BleuSmoothing.Floor) match = options.SmoothingValue;
            precisions[n] = 100 * match / total;
        }
        double mean = precisions.Take(orders).Sum(Math.Log) / orders;   // −∞ where one is 0, so the score is 0
        return new Bleu(penalty * Math.Exp(mean), precisions, penalty, length, referenceLength);
    }
}
