using Leftover.Tensors;

namespace Leftover.Evaluation.Statistics;

/// <summary>Two methods, trained with the same seeds and scored on the same prompts: how far apart, how surely. Scores are [seeds][prompts].</summary>
/// <remarks>Seed k of one method is paired with seed k of the other, for they share their data and their reference policy.</remarks>
public sealed record SeededComparison
{
    /// <summary>How many seeds; with 1 nothing is said of how another would have done.</summary>
    public required int Seeds { get; init; }

    /// <summary>How many prompts.</summary>
    public required int Prompts { get; init; }

    /// <summary>The mean of a − b and its interval over seeds and prompts (<see cref="SeededBootstrap"/>).</summary>
    public required Interval Difference { get; init; }

    /// <summary>Two-sided, of the same bootstrap: for other seeds and other prompts. This one goes into corrections.</summary>
    public required double P { get; init; }

    /// <summary>Two-sided, of the sign-flip test over prompts of their means over seeds: for these very policies on other prompts.</summary>
    public required double PPrompts { get; init; }

    /// <summary>Two-sided, of the paired t test over the seeds' means: for other seeds on these prompts. Null with one seed.</summary>
    public required double? PSeeds { get; init; }

    /// <summary>a − b of each seed, averaged over prompts, [seeds].</summary>
    public required IReadOnlyList<double> SeedDifferences { get; init; }

    /// <summary>Who has the higher score, reply by reply, over seeds and prompts.</summary>
    public required WinRate Replies { get; init; }

    /// <summary>The win rate of a with ties half, and its interval over seeds and prompts.</summary>
    public required Interval WinRate { get; init; }

    /// <summary>Cohen's d_z over prompts of their means over seeds: the difference in standard deviations of the differences.</summary>
    public required double EffectSize { get; init; }

    /// <summary>Hedges' g of the seeds' means: the difference in standard deviations between seeds. Null with one seed.</summary>
    public required double? SeedEffectSize { get; init; }

    /// <summary>The probability that a run of a beats a run of b on a prompt, ties half: the mean over prompts, all seeds against all.</summary>
    public required double ProbabilityOfImprovement { get; init; }

    /// <summary>The interval of the difference lies on one side of 0, so there is a winner to name.</summary>
    public bool IsDecided => Difference.Low > 0 || Difference.High < 0;

    /// <summary>Compares two methods.</summary>
    /// <param name="a">One method's scores, [seeds][prompts]; at least 1 seed and 2 prompts.</param>
    /// <param name="b">The other's, with the same seeds and prompts in the same order.</param>
    /// <param name="random">What the bootstrap draws from.</param>
    /// <param name="confidence">Of the intervals, in (0, 1).</param>
    /// <param name="resamples">How many resamples the bootstrap draws.</param>
    /// <param name="tolerance">Scores that differ by no more are a tie.</param>
    /// <exception cref="ArgumentException">Seeds or prompts differ in number, there are too few, or a score is not finite.</exception>
    public static SeededComparison Compare(
        double[][] a, double[][] b, RandomStream random, double confidence = 0.95, int resamples = MeanBootstrap.DefaultResamples, double tolerance = 0)
    {
        Check(a, b);
        double[][] differences = [.. a.Zip(b, (x, y) => Pairs.Differences(x, y, atLeast: 2))];
        SeededBootstrap bootstrap = SeededBootstrap.Of(differences, random, resamples);
        SeededBootstrap wins = SeededBootstrap.Of([.. differences.Select(x => Array.ConvertAll(x, y => y > tolerance ? 1 : y < -tolerance ? 0 : 0.5))], random, resamples);
        double[] promptsA = MeansByPrompt(a), promptsB = MeansByPrompt(b), seedsA = MeansBySeed(a), seedsB = MeansBySeed(b);
        bool several = a.Length > 1;
        return new SeededComparison
        {
            Seeds = a.Length,
            Prompts = a[0].Length,
            Difference = bootstrap.Percentile(confidence),
            P = bootstrap.P,
            PPrompts = SignFlipTest.Of(promptsA, promptsB, random).P,
            PSeeds = several ? PairedTTest.Of(seedsA, seedsB).P : null,
            SeedDifferences = Pairs.Differences(seedsA, seedsB, atLeast: 1),
            Replies = Statistics.WinRate.Of([.. a.SelectMany(x => x)], [.. b.SelectMany(x => x)], tolerance),
            WinRate = wins.Percentile(confidence),
            EffectSize = PairedTTest.Of(promptsA, promptsB).EffectSize,
            SeedEffectSize = several ? EffectSizes.HedgesG(seedsA, seedsB) : null,
            ProbabilityOfImprovement = Aggregates.ProbabilityOfImprovement(a, b).Average(),
        };
    }

    /// <summary>The mean over seeds of each prompt, [prompts].</summary>
    internal static double[] MeansByPrompt(double[][] scores) => [.. Enumerable.Range(0, scores[0].Length).Select(prompt => scores.Average(seed => seed[prompt]))];

    /// <summary>The mean over prompts of each seed, [seeds].</summary>
    internal static double[] MeansBySeed(double[][] scores) => Array.ConvertAll(scores, x => Descriptive.MeanOf(x));

    private static void Check(double[][] a, double[][] b)
    {
        SeededBootstrap.Check(a);
        SeededBootstrap.Check(b);
        if (a.Length != b.Length) throw new ArgumentException($"a has {a.Length} seeds and b {b.Length}; both need the same ones. Compare over the seeds that both have.");
        if (a[0].Length != b[0].Length) throw new ArgumentException($"a has {a[0].Length} prompts and b {b[0].Length}; both need the same ones, in the same order.");
    }
}
