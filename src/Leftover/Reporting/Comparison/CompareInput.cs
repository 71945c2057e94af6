using Leftover.Evaluation.Comparison;

namespace Leftover.Reporting.Comparison;

/// <summary>All that the report of a comparison is made of.</summary>
public sealed record CompareInput
{
    /// <summary>The figures.</summary>
    public required CompareResults Compared { get; init; }

    /// <summary>The trainings and the reference's measurements, with their replies.</summary>
    public required IReadOnlyList<ComparedCell> Cells { get; init; }

    /// <summary>What a run's report shows: the policies over all seeds, their replies one seed after another, the advantages of the first seed, the recipe.</summary>
    public required ReportInput Run { get; init; }
}
