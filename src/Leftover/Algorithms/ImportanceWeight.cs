using Leftover.Tensors;

namespace Leftover.Algorithms;

/// <summary>Importance weights: the ratio π_θ/π_ref, clipped to [1−ε, 1+ε], a constant to the gradient.</summary>
/// <remarks>Clipped in the log domain, before exp can overflow; the same result. Unlike PPO's, a clipped weight keeps its gradient.</remarks>
internal static class ImportanceWeight
{
    /// <summary>Where an unclipped weight ends: e^80 is 5.5e34. One that overflowed to infinity would make 0 · ∞ = NaN of an answer without advantage.</summary>
    public const float LargestLogRatio = 80;

    /// <param name="logRatio">ln π_θ − ln π_ref of each completion [B] or token [N].</param>
    /// <param name="clipRange">ε; null leaves the ratio as it is up to e^80, 0 makes it 1.</param>
    public static Tensor Of(Tensor logRatio, float? clipRange)
    {
        Tensor ratio = logRatio.Detach();
        if (clipRange is not { } epsilon) return ratio.Clamp(float.NegativeInfinity, LargestLogRatio).Exp();

        float logLow = epsilon < 1 ? MathF.Log(1 - epsilon) : float.NegativeInfinity;
        return ratio.Clamp(logLow, MathF.Log(1 + epsilon)).Exp();
    }
}
