using Leftover.Rewards.Text;

namespace Leftover.RewardModels;

/// <summary>What a reward model must beat: models of the answers' length alone and of their words alone, fitted on the same items.</summary>
internal static class Baselines
{
    private const double WordPenalty = 1, LengthPenalty = 1e-6;       // over weights of texts of length 1; over one standardised number

    /// <summary>Each baseline's predictions for the held-out items, in the form of <see cref="RewardObjective.Predict"/>.</summary>
    public static IReadOnlyList<(string Name, double[][] Predictions)> Of(RewardObjective objective, IReadOnlyList<RewardItem> train, IReadOnlyList<RewardItem> heldOut)
    {
        List<(string, double[][])> baselines = [("length only", Fit(objective, train, heldOut, LengthOf(train), 1, LengthPenalty))];
        if (WordsOf(train) is ({ } words, var count)) baselines.Add(("bag of words", Fit(objective, train, heldOut, words, count, WordPenalty)));
        return baselines;
    }

    // ln(1 + characters), standardised: for pairs the longer answer wins, or the shorter.
    private static Func<string, SparseRow> LengthOf(IReadOnlyList<RewardItem> train)
    {
        double[] lengths = [.. train.SelectMany(item => item.Answers).Select(Length)];
        double mean = lengths.Average(), scale = Math.Sqrt(lengths.Average(x => (x - mean) * (x - mean)));
        return answer => new SparseRow([0], [scale > 0 ? (Length(answer) - mean) / scale : 0]);

        static double Length(string answer) => Math.Log(1 + TextUnits.CountCharacters(answer));
    }

    // TF-IDF of words, each answer scaled to length 1; nothing where no answer has a word.
    private static (Func<string, SparseRow>? Row, int Columns) WordsOf(IReadOnlyList<RewardItem> train)
    {
        TfidfVectorizer words;
        try
        {
            words = new TfidfVectorizer(train.SelectMany(item => item.Answers));
        }
        catch (ArgumentException)
        {
            return (null, 0);
        }
        Dictionary<string, int> columns = words.Idf.Keys.Select((word, i) => (word, i)).ToDictionary(pair => pair.word, pair => pair.i, StringComparer.Ordinal);
        return (answer =>
        {
            IReadOnlyList<(string Word, double Weight)> weights = words.Weights(answer);
            return new SparseRow([.. weights.Select(word => columns[word.Word])], [.. weights.Select(word => word.Weight)]);
        }, columns.Count);
    }

    private static double[][] Fit(RewardObjective objective, IReadOnlyList<RewardItem> train, IReadOnlyList<RewardItem> heldOut, Func<string, SparseRow> row, int columns, double penalty)
    {
        switch (objective)
        {
            case PreferenceObjective:
                // Each pair once in either order would say the same twice: without an intercept one order is enough.
                SparseRow[] differences = [.. train.Select(item => SparseRow.Difference(row(item.Answers[0]), row(item.Answers[1])))];
                SparseLinearModel pairs = SparseLinearModel.Logistic(differences, columns, [.. train.Select(_ => true)], penalty, hasIntercept: false);
                return [.. heldOut.Select(item => item.Answers.Select(answer => pairs.Score(row(answer))).ToArray())];
            case RegressionObjective:
                SparseLinearModel values = SparseLinearModel.Ridge([.. train.Select(item => row(item.Answers[0]))], columns, [.. train.Select(item => item.Target)], penalty);
                return [.. heldOut.Select(item => new[] { values.Score(row(item.Answers[0])) })];
            default:
                return Classes(objective.Labels.Count, train, heldOut, row, columns, penalty);
        }
    }

    // One against the rest, scaled to sum to 1; of two classes one model is enough.
    private static double[][] Classes(int classes, IReadOnlyList<RewardItem> train, IReadOnlyList<RewardItem> heldOut, Func<string, SparseRow> row, int columns, double penalty)
    {
        SparseRow[] rows = [.. train.Select(item => row(item.Answers[0]))];
        SparseLinearModel[] models =
        [
            .. Enumerable.Range(classes == 2 ? 1 : 0, classes == 2 ? 1 : classes)
                .Select(label => SparseLinearModel.Logistic(rows, columns, [.. train.Select(item => item.Label == label)], penalty, hasIntercept: true)),
        ];
        return [.. heldOut.Select(item =>
        {
            SparseRow own = row(item.Answers[0]);
            double[] p = [.. models.Select(model => 1 / (1 + Math.Exp(-model.Score(own))))];
            return classes == 2 ? [1 - p[0], p[0]] : p.Select(one => one / p.Sum()).ToArray();
        })];
    }
}
