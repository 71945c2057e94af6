using System.ComponentModel.DataAnnotations;

namespace Leftover.Advantages;

/// <summary>How a step's rows are chosen.</summary>
public sealed record SamplingOptions
{
    /// <summary>Which rows a step takes. Default uniform.</summary>
    public SamplingStrategy Strategy { get; init; } = SamplingStrategy.Uniform;

    /// <summary>α: rows are drawn in proportion to priority^α; no unit, ≥ 0, and 0 draws all alike. Default 1, the authors'.</summary>
    [Range(0.0, 100.0)]
    public double PriorityExponent { get; init; } = 1;

    /// <summary>
    /// True weights each drawn row by 1/(n·p), so that its advantage counts once in expectation; false lets it count twice, in the
    /// drawing and in the loss, as in the authors' code. Default false. It changes nothing where rows are drawn alike.
    /// </summary>
    public bool CorrectForPriority { get; init; }
}
