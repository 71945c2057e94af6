using System.Globalization;
using System.Text;
using Leftover.Data;

namespace Leftover.Rewards.Text;

/// <summary>What VADER says of a text.</summary>
/// <param name="Negative">The share of negative words, weighted, in [0, 1], to 3 digits.</param>
/// <param name="Neutral">The share of neutral words, to 3 digits.</param>
/// <param name="Positive">The share of positive words, weighted, to 3 digits.</param>
/// <param name="Compound">The sum of all valences s as s/√(s² + 15), in [−1, 1], to 4 digits.</param>
public readonly record struct VaderScores(double Negative, double Neutral, double Positive, double Compound);

/// <summary>VADER: valences of words out of a lexicon, turned by negations, degree adverbs, capitals, punctuation and "but".</summary>
/// <remarks>Hutto &amp; Gilbert 2014, "VADER: a parsimonious rule-based model for sentiment analysis of social media text"; scores equal those of its release 3.3.2.</remarks>
public sealed class VaderSentiment
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private readonly Dictionary<string, double> _lexicon;
    private readonly Dictionary<Rune, string> _emojis = [];

    private VaderSentiment(Dictionary<string, double> lexicon, Dictionary<string, string> emojis)
    {
        _lexicon = lexicon;
        foreach ((string emoji, string description) in emojis)
            if (emoji.EnumerateRunes().Count() == 1) _emojis[emoji.EnumerateRunes().First()] = description;   // the text is read point by point
    }

    /// <summary>Reads VADER's files.</summary>
    /// <param name="lexicon">Lines of a word or emoticon, a tab and its mean valence (more columns are not read).</param>
    /// <param name="emojis">Lines of an emoji, a tab and its description, which is read in the emoji's place; or null.</param>
    /// <exception cref="DataException">A file is missing, empty or malformed; the message names file and line.</exception>
    public static VaderSentiment Load(string lexicon, string? emojis = null) =>
        new(LexiconFile.ReadValues(lexicon), emojis is null ? [] : LexiconFile.ReadTexts(emojis));

    /// <summary>Scores a text; one without words is 0 in everything.</summary>
    public VaderScores Score(string text)
    {
        text = DescribeEmojis(text);
        VaderWords words = new(TextUnits.Words(text).Select(WithoutPunctuation), _lexicon);
        if (words.Count == 0) return default;

        double[] valences = new double[words.Count];
        for (int i = 0; i < valences.Length; i++) valences[i] = words.Valence(i);
        WeighAroundBut(valences, words.IndexOf("but"));
        return Summarise(valences, Emphasis(text));
    }

    private string DescribeEmojis(string text)
    {
        StringBuilder described = new(text.Length);
        bool isAfterSpace = true;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (_emojis.TryGetValue(rune, out string? description))
            {
                if (!isAfterSpace) described.Append(' ');
                described.Append(description);
                isAfterSpace = false;
            }
            else
            {
                described.Append(rune);
                isAfterSpace = rune.Value == ' ';
            }
        }
        return described.ToString();
    }

    /// <summary>Outer punctuation goes, unless two characters or fewer remain: then it was an emoticon.</summary>
    private static string WithoutPunctuation(string token)
    {
        string stripped = token.Trim(Punctuation.ToCharArray());
        return TextUnits.CountCharacters(stripped) <= 2 ? token : stripped;
    }

    /// <summary>What stands before "but" counts half, what follows one and a half.</summary>
    /// <remarks>The original looks each value up by its first equal, so of equal valences the first is weighed in place of the others; we do as it does.</remarks>
    private static void WeighAroundBut(double[] valences, int but)
    {
        if (but < 0) return;
        for (int i = 0; i < valences.Length; i++)
        {
            int first = Array.IndexOf(valences, valences[i]);
            if (first < but) valences[first] *= 0.5;
            else if (first > but) valences[first] *= 1.5;
        }
    }

    /// <summary>Up to four exclamation marks, and two or more question marks.</summary>
    private static double Emphasis(string text)
    {
        int questions = text.Count(c => c == '?');
        double exclaimed = Math.Min(4, text.Count(c => c == '!')) * 0.292;
        return exclaimed + (questions > 3 ? 0.96 : questions > 1 ? questions * 0.18 : 0);
    }

    private static VaderScores Summarise(double[] valences, double emphasis)
    {
        double sum = 0, positive = 0, negative = 0;
        int neutral = 0;
        foreach (double valence in valences)
        {
            sum += valence;
            if (valence > 0) positive += valence + 1;        // as neutral words count 1
            else if (valence < 0) negative += valence - 1;
            else neutral++;
        }
        sum += sum > 0 ? emphasis : sum < 0 ? -emphasis : 0;
        if (positive > -negative) positive += emphasis;
        else if (positive < -negative) negative -= emphasis;

        double total = positive - negative + neutral;
        double compound = Math.Clamp(sum / Math.Sqrt(sum * sum + 15), -1, 1);
        return new VaderScores(Rounded(Math.Abs(negative) / total, 3), Rounded(neutral / total, 3), Rounded(positive / total, 3), Rounded(compound, 4));
    }

    /// <summary>Rounds the number that the double is, a half to even: such a half is a multiple of 2^−(digits + 1), and then the scaled value is exact.</summary>
    private static double Rounded(double value, int digits)
    {
        if (double.IsInteger(Math.ScaleB(value, digits + 1))) return Math.Round(value * Math.Pow(10, digits)) / Math.Pow(10, digits);
        return double.Parse(value.ToString("F" + digits, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
