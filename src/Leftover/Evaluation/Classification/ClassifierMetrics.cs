namespace Leftover.Evaluation.Classification;

/// <summary>How well scores tell two classes, or probabilities several classes, apart. Natural logarithms; NaN where a measure has no value.</summary>
public static class ClassifierMetrics
{
    private const double LeastProbability = 2.220446049250313e-16;      // what a logarithm is taken of at least, as scikit-learn does

    /// <summary>The probability that a positive row scores above a negative one, equal scores counted half; NaN where one class is missing.</summary>
    /// <param name="scores">A score a row.</param>
    /// <param name="positive">Which rows are positive.</param>
    public static double Auc(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        double[] ranks = Ranks.Average(scores);
        double sum = 0, positives = 0;
        for (int i = 0; i < ranks.Length; i++)
        {
            if (!positive[i]) continue;
            sum += ranks[i];
            positives++;
        }
        double negatives = ranks.Length - positives;
        return positives == 0 || negatives == 0 ? double.NaN : (sum - positives * (positives + 1) / 2) / (positives * negatives);
    }

    /// <summary>Σ (recall gained) · precision over falling thresholds; equal scores fall together. NaN where no row is positive.</summary>
    /// <param name="scores">A score a row.</param>
    /// <param name="positive">Which rows are positive.</param>
    public static double AveragePrecision(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        int[] order = Order(scores);
        double hits = 0, average = 0, positives = 0;
        foreach (bool one in positive) positives += one ? 1 : 0;
        for (int i = order.Length - 1; i >= 0;)
        {
            double score = scores[order[i]], before = hits;
            for (; i >= 0 && scores[order[i]] == score; i--) hits += positive[order[i]] ? 1 : 0;
            average += (hits - before) / positives * hits / (order.Length - 1 - i);
        }
        return positives == 0 ? double.NaN : average;
    }

    /// <summary>−mean ln p of the true class, in nats.</summary>
    /// <param name="ofTruth">The probability that each row's true class was given.</param>
    public static double LogLoss(ReadOnlySpan<double> ofTruth)
    {
        double sum = 0;
        foreach (double p in ofTruth) sum -= Math.Log(Math.Clamp(p, LeastProbability, 1 - LeastProbability));
        return sum / ofTruth.Length;
    }

    /// <summary>Mean squared difference of the positive class's probability and 1 or 0.</summary>
    public static double Brier(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> positive)
    {
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++) sum += Math.Pow(probabilities[i] - (positive[i] ? 1 : 0), 2);
        return sum / probabilities.Length;
    }

    /// <summary>The share of rows whose predicted class is the true one.</summary>
    public static double Accuracy(ReadOnlySpan<int> predicted, ReadOnlySpan<int> truth)
    {
        int right = 0;
        for (int i = 0; i < predicted.Length; i++) right += predicted[i] == truth[i] ? 1 : 0;
        return (double)right / predicted.Length;
    }

    /// <summary>Matthews' correlation of predicted and true classes, in [−1, 1]; 0 where one of them never changes. Gorodkin 2004 for more than two.</summary>
    /// <param name="predicted">Each row's predicted class, from 0.</param>
    /// <param name="truth">Each row's true class, from 0.</param>
    public static double Matthews(ReadOnlySpan<int> predicted, ReadOnlySpan<int> truth)
    {
        int classes = 1;
        foreach (int one in predicted) classes = Math.Max(classes, one + 1);
        foreach (int one in truth) classes = Math.Max(classes, one + 1);
        double[] guessed = new double[classes], real = new double[classes];
        double right = 0, n = predicted.Length;
        for (int i = 0; i < predicted.Length; i++)
        {
            guessed[predicted[i]]++;
            real[truth[i]]++;
            right += predicted[i] == truth[i] ? 1 : 0;
        }
        double together = right * n - Dot(guessed, real), spread = Math.Sqrt((n * n - Dot(guessed, guessed)) * (n * n - Dot(real, real)));
        return spread == 0 ? 0 : together / spread;
    }

    private static int[] Order(ReadOnlySpan<double> scores)
    {
        double[] keys = scores.ToArray();
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        return order;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
