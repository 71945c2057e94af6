namespace Leftover.Advantages;

/// <summary>What became of one training row: its advantage, whether it is trained on, and why not.</summary>
/// <param name="Scored">The row and its reward.</param>
/// <param name="Value">V(x), what the reference policy's own answer to the prompt is expected to earn; reward units.</param>
/// <param name="Reason">Why it was dropped.</param>
/// <param name="Priority">What it is drawn in proportion to where a strategy draws by priority; ≥ 0, and 0 where dropped.</param>
public sealed record AdvantageRow(ScoredRow Scored, double Value, DropReason Reason, double Priority)
{
    /// <summary>A(x, y) = R(x, y) − V(x); reward units, not clamped.</summary>
    public double Advantage => Scored.Reward - Value;

    /// <summary>True where the row is trained on.</summary>
    public bool Kept => Reason == DropReason.None;
}

/// <summary>Why a row is not trained on.</summary>
public enum DropReason
{
    /// <summary>It is.</summary>
    None,

    /// <summary>Its advantage is not above the threshold.</summary>
    AdvantageNotAboveThreshold,

    /// <summary>Its weight is 0.</summary>
    WeightZero,

    /// <summary>Its data calls another answer better, and the algorithm has no advantage to judge it by.</summary>
    WorseAnswer,
}
