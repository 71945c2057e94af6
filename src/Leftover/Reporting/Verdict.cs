using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>What a run's figures say, in plain words; a winner is named only where every interval of the difference lies on one side of 0.</summary>
public sealed record Verdict
{
    /// <summary>The name of all rewards in one.</summary>
    internal const string Total = "total";

    /// <summary>The one sentence to read.</summary>
    public required string Headline { get; init; }

    /// <summary>How it came out.</summary>
    public required VerdictKind Kind { get; init; }

    /// <summary>The policy that is better than all others; null where none is.</summary>
    public string? Winner { get; init; }

    /// <summary>What else to know about it, a sentence or two each.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>Reads the figures.</summary>
    public static Verdict Of(RunResults results) => new VerdictWriter(results).Write();

    /// <summary>The reward that ranks the policies: <c>total</c>, else the only one that all have, of those that were trained on; null where there is no such reward.</summary>
    internal static string? RankingReward(RunResults results)
    {
        string[] common = [.. results.Methods.Select(method => method.Rewards.Keys).Aggregate(Enumerable.Intersect).Where(reward => !ResultTables.IsHeldOut(results, reward))];
        return common.Contains(Total) ? Total : common.Length == 1 ? common[0] : null;
    }
}

/// <summary>How a comparison came out.</summary>
public enum VerdictKind
{
    /// <summary>A trained policy is better than all others.</summary>
    Won,

    /// <summary>The reference is better than all others.</summary>
    Lost,

    /// <summary>The best cannot be told from another.</summary>
    Undecided,

    /// <summary>There is one policy, or no reward to rank several by.</summary>
    NotRanked,
}
