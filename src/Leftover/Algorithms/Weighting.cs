namespace Leftover.Algorithms;

/// <summary>How a loss weighs answers by π_θ/π_ref.</summary>
/// <param name="ClipRange">ε: ratios outside 1 ± ε are clipped; null clips none.</param>
/// <param name="PerToken">True where each token has a weight of its own, false where the whole completion has one.</param>
public sealed record Weighting(float? ClipRange, bool PerToken);
