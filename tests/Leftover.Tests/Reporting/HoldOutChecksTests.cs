using Leftover.Evaluation;
using Leftover.Reporting;

namespace Leftover.Tests.Reporting;

public class HoldOutChecksTests
{
    [Fact]
    public void A_policy_that_gains_what_it_was_trained_on_and_loses_what_it_was_not_is_pointed_out()
    {
        string note = Assert.Single(HoldOutChecks.Notes(Results(trained: 0.4, heldOut: -0.2)));
        Assert.StartsWith("a-lol: a sign of reward hacking.", note);
        Assert.Contains("'truth', which no training saw, falls by 0.200", note);
        Assert.Empty(HoldOutChecks.Notes(Results(trained: 0.4, heldOut: 0.2)));
        Assert.Empty(HoldOutChecks.Notes(Results(trained: -0.4, heldOut: -0.2)));
        Assert.Empty(HoldOutChecks.Notes(Results(trained: 0.4, heldOut: -0.2) with { HoldOutRewards = null }));
    }

    [Fact]
    public void Both_gains_stand_side_by_side()
    {
        ReportTable table = HoldOutChecks.Table(Results(trained: 0.4, heldOut: 0.05));
        IReadOnlyList<Cell> row = Assert.Single(table.Rows);
        Assert.Equal(["a-lol", "+0.40", "truth", "+0.05", "the trained one rises, the held-out reward is undecided"], row.Select(cell => cell.Text));
    }

    [Fact]
    public void A_held_out_reward_ranks_no_policy_and_stands_last()
    {
        RunResults results = Results(trained: 0.4, heldOut: 0.9);
        Assert.Equal("polite", Verdict.RankingReward(results));
        Assert.Equal(["polite", "truth"], ResultTables.Rewards(results));
        Assert.Contains("truth (held out)", ResultTables.Policies(results).Columns.Select(column => column.Title));
    }

    private static RunResults Results(double trained, double heldOut)
    {
        PairedResult Pair(string reward, double difference) => new("a-lol", "reference", reward, difference, difference - 0.1, difference + 0.1, 0.01);
        return VerdictTests.Run([]) with { Methods = [Method("reference"), Method("a-lol")], Paired = [Pair("truth", heldOut), Pair("polite", trained)], HoldOutRewards = ["truth"] };
    }

    private static MethodResult Method(string name) => new()
    {
        Name = name,
        Seed = 1,
        Rewards = new Dictionary<string, Estimate> { ["truth"] = new(0.5, 0.4, 0.6), ["polite"] = new(0.5, 0.4, 0.6) },
        Kl = 0,
        Length = 10,
        Prompts = 60,
    };
}
