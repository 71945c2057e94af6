using Leftover.Evaluation.Statistics;

namespace Leftover.Evaluation.Comparison;

/// <summary>One reward of one method: a score a seed and prompt.</summary>
/// <param name="Method">The method's label.</param>
/// <param name="Seeds">The seeds; [seeds].</param>
/// <param name="Scores">[seeds][prompts], the mean over the samples of each prompt.</param>
internal sealed record ScoreGrid(string Method, long[] Seeds, double[][] Scores)
{
    /// <summary>The grid of a method's cells.</summary>
    public static ScoreGrid Of(IReadOnlyCollection<ComparedCell> cells, string reward) =>
        new(cells.First().Method, [.. cells.Select(cell => cell.Seed)], [.. cells.Select(cell => cell.ByPrompt(reward))]);

    /// <summary>The scores with the seeds that two grids have, in the same order.</summary>
    public static (double[][] A, double[][] B) Common(ScoreGrid a, ScoreGrid b)
    {
        long[] seeds = [.. a.Seeds.Intersect(b.Seeds)];
        return (a.Of(seeds), b.Of(seeds));
    }

    /// <summary>The mean over prompts, seed by seed; [seeds].</summary>
    public double[] BySeed() => [.. Scores.Select(seed => Descriptive.Mean(seed))];

    private double[][] Of(long[] seeds) => [.. seeds.Select(seed => Scores[Array.IndexOf(Seeds, seed)])];
}
