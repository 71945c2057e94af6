namespace Leftover.Algorithms;

/// <summary>The KL penalty's coefficient, moved so that the drift from the reference comes to a target.</summary>
/// <remarks>c ← c·(1 + clip(kl/target − 1, ±0.2)·n/horizon). Ziegler et al. 2019, arXiv:1909.08593, §2.2.</remarks>
public static class KlController
{
    private const double LargestError = 0.2;

    /// <summary>The coefficient after a step.</summary>
    /// <param name="coefficient">The one before.</param>
    /// <param name="kl">The mean KL of the step's replies, in nats a reply.</param>
    /// <param name="target">What it should be, > 0.</param>
    /// <param name="horizon">Replies over which an error is made good; > 0.</param>
    /// <param name="replies">Replies of the step.</param>
    public static double Next(double coefficient, double kl, double target, double horizon, int replies) =>
        coefficient * (1 + Math.Clamp(kl / target - 1, -LargestError, LargestError) * replies / horizon);
}
