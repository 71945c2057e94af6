using Leftover.Generation;

namespace Leftover.Tests.Generation;

/// <summary>Scores as the filters leave them.</summary>
internal static class Filtered
{
    /// <summary>The scores over the temperature; −∞ for tokens that are out.</summary>
    public static float[] Of(float[] scores, GenerationOptions options)
    {
        float[] scaled = [.. scores.Select(score => score / options.Temperature)], shares = new float[scores.Length], left = [.. Enumerable.Repeat(float.NegativeInfinity, scores.Length)];
        if (!TokenFilter.Filters(options, scores.Length)) return scaled;
        LogitsProcessor.Exponentials(scaled, shares);
        List<int> kept = [];
        TokenFilter.Keep(scores, shares, options, kept);
        Assert.Equal(kept.Order(), kept);
        foreach (int id in kept) left[id] = scaled[id];
        return left;
    }
}
