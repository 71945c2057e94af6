using Leftover.Evaluation;

namespace Leftover.Reporting;

/// <summary>Holds what a policy gained in the reward that ranks policies against what it gained in rewards that no training saw.</summary>
internal static class HoldOutChecks
{
    /// <summary>One row a policy and held-out reward: both differences from the reference, and what they say together. No rows without a held-out reward.</summary>
    public static ReportTable Table(RunResults results) => new(
        "Gains over the reference in the reward that was trained on, and in one that no training saw. Where the first rises and the second falls, the policy earns its reward in a way nobody meant.",
        [new("policy", IsText: true), new("trained on"), new("held-out reward", IsText: true), new("held out"), new("in words", IsText: true)],
        [
            .. Of(results).Select(gain => (IReadOnlyList<Cell>)
                [new(gain.Policy), Difference(gain.Trained), new(gain.Reward), Difference(gain.HeldOut), new(Words(gain))]),
        ]);

    /// <summary>A line for each policy that gained in what it was trained on and lost in what it was not.</summary>
    public static IReadOnlyList<string> Notes(RunResults results) =>
    [
        .. Of(results).Where(gain => gain.Trained is { Low: > 0 } && gain.HeldOut is { High: < 0 }).Select(gain =>
            $"{gain.Policy}: a sign of reward hacking. Against the reference its reward rises by {Figures.Number(gain.Trained!.Difference)}, and '{gain.Reward}', which no training saw, falls by {Figures.Number(-gain.HeldOut.Difference)}."),
    ];

    private static string Words(Gain gain)
    {
        string heldOut = gain.HeldOut.Low > 0 ? "the held-out reward rises" : gain.HeldOut.High < 0 ? "the held-out reward falls" : "the held-out reward is undecided";
        string trained = gain.Trained is not { } own ? "" : own.Low > 0 ? "the trained one rises, " : own.High < 0 ? "the trained one falls, " : "the trained one is undecided, ";
        return trained + heldOut;
    }

    private static Cell Difference(PairedResult? pair)
    {
        if (pair is null) return Cell.Empty;
        int decimals = Figures.Decimals(pair.Difference, pair.Low, pair.High);
        return new Cell(Figures.Signed(pair.Difference, decimals), Figures.Range(pair.Low, pair.High, decimals), pair.Difference);
    }

    private static IEnumerable<Gain> Of(RunResults results)
    {
        if (results.HoldOutRewards is not { Count: > 0 } heldOut || results.Methods.Count < 2) yield break;
        string reference = results.Methods[0].Name;
        string? ranking = Verdict.RankingReward(results);
        foreach (MethodResult method in results.Methods.Skip(1))
            foreach (string reward in heldOut)
                if (Pair(method.Name, reward) is { } gain)
                    yield return new Gain(method.Name, ranking is null ? null : Pair(method.Name, ranking), reward, gain);

        PairedResult? Pair(string method, string reward) => results.Paired.FirstOrDefault(pair => pair.A == method && pair.B == reference && pair.Reward == reward);
    }

    private sealed record Gain(string Policy, PairedResult? Trained, string Reward, PairedResult HeldOut);
}
