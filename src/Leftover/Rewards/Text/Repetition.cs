namespace Leftover.Rewards.Text;

/// <summary>How much of a text says again what it said; words are lower-cased and split on white space.</summary>
public static class Repetition
{
    /// <summary>rep-n: 1 − distinct n-grams / n-grams, in [0, 1); 0 where there is no n-gram.</summary>
    /// <param name="text">One completion.</param>
    /// <param name="n">Words an n-gram; at least 1.</param>
    public static double RepN(string text, int n)
    {
        List<string> words = TextUnits.Words(text.ToLowerInvariant());
        int total = Math.Max(0, words.Count - n + 1);
        return total == 0 ? 0 : 1 - (double)NGrams.Counts(words, n).Count / total;
    }

    /// <summary>The share of words, from the second on, that equal the word before.</summary>
    public static double SameAsPrevious(string text)
    {
        List<string> words = TextUnits.Words(text.ToLowerInvariant());
        if (words.Count < 2) return 0;
        int same = 0;
        for (int i = 1; i < words.Count; i++)
            if (words[i] == words[i - 1]) same++;
        return (double)same / (words.Count - 1);
    }
}
