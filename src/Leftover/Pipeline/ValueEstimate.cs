namespace Leftover.Pipeline;

/// <summary>V(x) of every training row, and how far it can be trusted.</summary>
/// <param name="OfRows">V of each training row's prompt, in reward units.</param>
/// <param name="Kind">What gave it, in words: the head, a constant, a mean.</param>
/// <param name="Notes">What the reader should know, for example that the head was no better than a constant.</param>
public sealed record ValueEstimate(double[] OfRows, string Kind, IReadOnlyList<string> Notes)
{
    /// <summary>Mean squared error on prompts that the head was not trained on; null without a head.</summary>
    public double? HoldOutError { get; init; }

    /// <summary>The same of the best constant.</summary>
    public double? ConstantError { get; init; }
}
