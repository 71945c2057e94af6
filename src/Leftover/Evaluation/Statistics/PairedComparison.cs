using Leftover.Tensors;

namespace Leftover.Evaluation.Statistics;

/// <summary>Two methods on the same prompts: how far apart, how surely.</summary>
/// <param name="Pairs">How many prompts.</param>
/// <param name="Difference">The mean of a − b.</param>
/// <param name="Low">The lower end of the difference's bootstrap interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="Confidence">Of that interval.</param>
/// <param name="P">Two-sided, of the sign-flip permutation test.</param>
/// <param name="Wins">Prompts with a &gt; b.</param>
/// <param name="Ties">Prompts with a = b.</param>
/// <param name="Losses">Prompts with a &lt; b.</param>
/// <param name="EffectSize">Cohen's d_z: the difference in standard deviations of the differences.</param>
public sealed record PairedComparison(
    int Pairs, double Difference, double Low, double High, double Confidence, double P, int Wins, int Ties, int Losses, double EffectSize)
{
    /// <summary>Compares paired samples.</summary>
    /// <param name="a">One method's values, one a prompt; at least 2.</param>
    /// <param name="b">The other's, in the same order.</param>
    /// <param name="random">What bootstrap and test draw from.</param>
    /// <param name="confidence">Of the interval, in (0, 1).</param>
    /// <param name="method">How the interval of the mean difference is found.</param>
    /// <exception cref="ArgumentException">The samples differ in length, are too short, or hold a value that is not finite.</exception>
    public static PairedComparison Compare(
        ReadOnlySpan<double> a, ReadOnlySpan<double> b, RandomStream random, double confidence = 0.95, IntervalMethod method = IntervalMethod.BootstrapBca)
    {
        double[] differences = Statistics.Pairs.Differences(a, b, atLeast: 2);
        Interval interval = MeanIntervals.MeanInterval(differences, confidence, method, random);
        SignTest signs = SignTest.Of(a, b);
        double p = SignFlipTest.Of(a, b, random).P;
        double effect = PairedTTest.Of(a, b).EffectSize;
        return new PairedComparison(a.Length, interval.Estimate, interval.Low, interval.High, confidence, p, signs.Wins, signs.Ties, signs.Losses, effect);
    }

    /// <summary>The interval lies on one side of 0, so there is a winner to name.</summary>
    public bool IsDecided => Low > 0 || High < 0;
}
