using Leftover.Tensors;

namespace Leftover.Evaluation.Statistics;

/// <summary>The bootstrap of a mean over seeds and prompts at once. Scores are [seeds][prompts], the prompts the same for every seed.</summary>
/// <remarks>
/// Seeds and prompts are drawn anew, each with replacement and independently of the other, and a resample's mean is that of the cells where they cross
/// (the pigeonhole bootstrap, Owen 2007). So its spread holds what another seed and what other prompts would change. One fewer is drawn than there are
/// (McCarthy &amp; Snowden 1985), for with n of n the variance of a mean of few seeds would be too small by 1/n. What varies by cell alone is counted
/// up to three times, which widens the interval a little. With one seed only the prompts are drawn, and nothing is said of other seeds.
/// </remarks>
public sealed class SeededBootstrap
{
    private readonly double[] _means;   // of the resamples, sorted

    private SeededBootstrap(double mean, double[] means)
    {
        Mean = mean;
        _means = means;
        Array.Sort(_means);
    }

    /// <summary>The mean of all cells.</summary>
    public double Mean { get; }

    /// <summary>The standard deviation of the resampled means.</summary>
    public double StandardError => Math.Sqrt(Descriptive.SquaredDeviations(_means) / _means.Length);

    /// <summary>Twice the smaller share of resampled means on one side of 0, itself counted, at most 1: below 1 − confidence just where <see cref="Percentile"/> leaves out 0, but for the last resample.</summary>
    public double P
    {
        get
        {
            int atMost = _means.Count(x => x <= 0), atLeast = _means.Count(x => x >= 0);
            return Math.Min(1, 2 * (Math.Min(atMost, atLeast) + 1.0) / (_means.Length + 1.0));
        }
    }

    /// <summary>Draws resamples.</summary>
    /// <param name="scores">[seeds][prompts]; at least 1 seed and 2 prompts.</param>
    /// <param name="random">What resamples are drawn from.</param>
    /// <param name="resamples">How many.</param>
    /// <exception cref="ArgumentException">There are too few scores, one is not finite, or seeds differ in their prompts.</exception>
    public static SeededBootstrap Of(double[][] scores, RandomStream random, int resamples = MeanBootstrap.DefaultResamples)
    {
        Check(scores);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        int prompts = scores[0].Length, drawnPrompts = prompts - 1, drawnSeeds = Math.Max(1, scores.Length - 1);
        double mean = Descriptive.MeanOf([.. scores.Select(x => Descriptive.MeanOf(x))]);
        double[] means = new double[resamples], byPrompt = new double[prompts];
        for (int resample = 0; resample < resamples; resample++)
        {
            Array.Clear(byPrompt);
            for (int i = 0; i < drawnSeeds; i++)
            {
                double[] seed = scores[random.Next(scores.Length)];
                for (int prompt = 0; prompt < prompts; prompt++) byPrompt[prompt] += seed[prompt] - mean;
            }
            double sum = 0;
            for (int i = 0; i < drawnPrompts; i++) sum += byPrompt[random.Next(prompts)];
            means[resample] = mean + sum / ((double)drawnSeeds * drawnPrompts);
        }
        return new SeededBootstrap(mean, means);
    }

    /// <summary>The middle share of the resampled means.</summary>
    /// <exception cref="ArgumentException">The confidence lies outside (0, 1).</exception>
    public Interval Percentile(double confidence)
    {
        MeanIntervals.CheckConfidence(confidence);
        return new Interval(
            Mean, Descriptive.QuantileOfSorted(_means, (1 - confidence) / 2), Descriptive.QuantileOfSorted(_means, (1 + confidence) / 2), confidence);
    }

    internal static void Check(double[][] scores)
    {
        if (scores.Length == 0) throw new ArgumentException("There is no seed; at least one is needed.");
        foreach (double[] seed in scores)
        {
            if (seed.Length != scores[0].Length) throw new ArgumentException($"One seed has {scores[0].Length} prompts, another {seed.Length}; all seeds need the same prompts, in the same order.");
            Descriptive.Check(seed, atLeast: 2);
        }
    }
}
