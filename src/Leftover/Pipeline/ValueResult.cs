using Leftover.Advantages;

namespace Leftover.Pipeline;

/// <summary>V(x) of every training row, and how it came about.</summary>
/// <param name="OfRows">In the rows' order, in reward units.</param>
/// <param name="Text">How the values came about, in a sentence or two.</param>
/// <param name="Report">How well the head does on prompts it was not trained on; null without a head.</param>
public sealed record ValueResult(double[] OfRows, string Text, ValueReport? Report);
