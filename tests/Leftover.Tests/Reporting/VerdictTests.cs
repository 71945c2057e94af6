using Leftover.Evaluation;
using Leftover.Reporting;

namespace Leftover.Tests.Reporting;

public class VerdictTests
{
    [Fact]
    public void A_method_whose_interval_lies_above_0_has_won()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.5), ("a-lol", 0.9)], ("a-lol", "reference", 0.4, 0.31, 0.52)));

        Assert.Equal(VerdictKind.Won, verdict.Kind);
        Assert.Equal("a-lol", verdict.Winner);
        Assert.Equal("a-lol beats the reference policy: on 200 held-out prompts its replies earn 0.40 more total reward (95% interval 0.31 to 0.52).", verdict.Headline);
    }

    [Fact]
    public void A_method_whose_interval_lies_below_0_has_lost()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.5), ("a-lol", 0.2)], ("a-lol", "reference", -0.3, -0.41, -0.2)));

        Assert.Equal(VerdictKind.Lost, verdict.Kind);
        Assert.Equal("reference", verdict.Winner);
        Assert.Equal("a-lol is worse than the reference policy: on 200 held-out prompts its replies earn 0.30 less total reward (95% interval of the difference −0.41 to −0.20).", verdict.Headline);
    }

    [Fact]
    public void No_winner_is_named_where_the_interval_holds_0()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.5), ("a-lol", 0.52)], ("a-lol", "reference", 0.02, -0.05, 0.09)));

        Assert.Equal(VerdictKind.Undecided, verdict.Kind);
        Assert.Null(verdict.Winner);
        Assert.Equal("Undecided: on 200 held-out prompts a-lol and the reference policy cannot be told apart. The difference in total reward is +0.02, and its 95% interval, −0.05 to 0.09, holds 0.", verdict.Headline);
        Assert.Contains(verdict.Details, line => line.StartsWith("On these prompts a difference below about 0.070 cannot be seen", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 0.4)]
    [InlineData(-0.4, 0)]
    public void An_interval_that_ends_at_0_holds_0(double low, double high) =>
        Assert.Equal(VerdictKind.Undecided, Verdict.Of(Run([("reference", 0.5), ("a-lol", 0.7)], ("a-lol", "reference", 0.2, low, high))).Kind);

    [Fact]
    public void A_pair_counts_whichever_way_round_it_was_compared()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.5), ("a-lol", 0.9)], ("reference", "a-lol", -0.4, -0.52, -0.31)));
        Assert.Equal(VerdictKind.Won, verdict.Kind);
        Assert.Contains("0.40 more total reward (95% interval 0.31 to 0.52)", verdict.Headline);
    }

    [Fact]
    public void Too_few_prompts_for_an_interval_name_no_winner()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.5), ("a-lol", 0.9)], ("a-lol", "reference", 0.4, double.NaN, double.NaN)));
        Assert.Equal(VerdictKind.Undecided, verdict.Kind);
        Assert.EndsWith("The difference in total reward is +0.400, and there are too few prompts for an interval.", verdict.Headline);
    }

    [Fact]
    public void Policies_that_were_never_compared_name_no_winner() => Assert.Equal(VerdictKind.Undecided, Verdict.Of(Run([("reference", 0.5), ("a-lol", 0.9)])).Kind);

    [Fact]
    public void The_best_of_several_has_won_where_it_beats_each()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.5), ("nll", 0.7), ("a-lol", 0.9)],
            ("nll", "reference", 0.2, 0.1, 0.3), ("a-lol", "reference", 0.4, 0.31, 0.52), ("a-lol", "nll", 0.2, 0.12, 0.28)));

        Assert.Equal("a-lol beats both others: on 200 held-out prompts its replies earn 0.20 more total reward than nll, the next best (95% interval 0.12 to 0.28), and 0.40 more than the reference policy (0.31 to 0.52).", verdict.Headline);
        Assert.Contains("Against the reference policy in total reward: above it a-lol +0.40 (0.31 to 0.52), nll +0.20 (0.10 to 0.30).", verdict.Details);
    }

    [Fact]
    public void The_best_of_several_has_not_won_where_one_is_too_near()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.5), ("nll", 0.85), ("a-lol", 0.9), ("wbc", 0.4)],
            ("nll", "reference", 0.35, 0.1, 0.6), ("a-lol", "reference", 0.4, 0.31, 0.52), ("a-lol", "nll", 0.05, -0.02, 0.12),
            ("wbc", "reference", -0.1, -0.2, -0.01), ("wbc", "nll", -0.45, -0.5, -0.4), ("wbc", "a-lol", -0.5, -0.6, -0.4)));

        Assert.Equal(VerdictKind.Undecided, verdict.Kind);
        Assert.StartsWith("No single winner on 200 held-out prompts: a-lol has the highest mean total reward, 0.90 (95% interval 0.80 to 1.00), but cannot be told apart from nll (difference to nll +0.05, and its 95% interval, −0.02 to 0.12, holds 0).", verdict.Headline);
        Assert.Contains(verdict.Details, line => line.EndsWith("above it a-lol +0.40 (0.31 to 0.52), nll +0.35 (0.10 to 0.60); below it wbc −0.10 (−0.20 to −0.01).", StringComparison.Ordinal));
    }

    [Fact]
    public void The_reference_may_be_the_best()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.9), ("nll", 0.7), ("a-lol", 0.6)],
            ("nll", "reference", -0.2, -0.3, -0.1), ("a-lol", "reference", -0.3, -0.4, -0.2), ("a-lol", "nll", -0.1, -0.2, 0.1)));
        Assert.Equal(VerdictKind.Lost, verdict.Kind);
        Assert.Equal("No method beats the reference policy: on 200 held-out prompts its replies earn the most, 0.20 more total reward than nll, the next best (95% interval 0.10 to 0.30).", verdict.Headline);
    }

    [Fact]
    public void One_policy_alone_is_compared_with_nothing()
    {
        Verdict verdict = Verdict.Of(Run([("reference", 0.5)]));
        Assert.Equal(VerdictKind.NotRanked, verdict.Kind);
        Assert.Equal("Only the reference policy was measured, so there is nothing to compare it with. Its mean total reward on 200 held-out prompts is 0.50 (95% interval 0.40 to 0.60).", verdict.Headline);
    }

    [Fact]
    public void No_policy_at_all_is_said_plainly() => Assert.Equal("Nothing was evaluated.", Verdict.Of(Run([])).Headline);

    [Fact]
    public void Without_a_total_the_only_reward_ranks()
    {
        RunResults run = Run([("reference", 0.5), ("a-lol", 0.9)], ("a-lol", "reference", 0.4, 0.31, 0.52));
        Assert.Equal("a-lol beats the reference policy: on 200 held-out prompts its replies earn 0.40 more polite (95% interval 0.31 to 0.52).", Verdict.Of(Renamed(run, "polite")).Headline);
    }

    [Fact]
    public void Without_a_total_several_rewards_rank_nothing()
    {
        RunResults run = Run([("reference", 0.5), ("a-lol", 0.9)]);
        run = run with
        {
            Methods = [.. run.Methods.Select(method => method with { Rewards = new Dictionary<string, Estimate> { ["polite"] = new(1, 0, 2), ["correct"] = new(1, 0, 2), ["short"] = new(1, 0, 2) } })],
            Paired = [Pair("polite", 0.2, 0.1, 0.3), Pair("correct", -0.2, -0.3, -0.1), Pair("short", 0.1, -0.1, 0.3)],
        };
        Verdict verdict = Verdict.Of(run);

        Assert.Equal(VerdictKind.NotRanked, verdict.Kind);
        Assert.StartsWith("No winner is named: the replies to 200 held-out prompts have no total reward", verdict.Headline);
        Assert.Equal(["a-lol against the reference policy: gains on polite; loses on correct; undecided on short."], verdict.Details);
    }

    [Fact]
    public void A_win_that_many_comparisons_may_have_made_is_none()
    {
        // Holm multiplies the smaller of two p by 2, and the other one is not below it.
        RunResults run = Run([("reference", 0.5), ("nll", 0.5), ("a-lol", 0.9)], ("nll", "reference", 0, -0.1, 0.1), ("a-lol", "reference", 0.4, 0.01, 0.8), ("a-lol", "nll", 0.4, 0.01, 0.8));
        Verdict Of(double p) => Verdict.Of(run with { Paired = [.. run.Paired.Select(pair => pair with { P = pair.A == "a-lol" ? p : 0.9 })] });

        Assert.Equal(VerdictKind.Undecided, Of(0.03).Kind);
        Assert.EndsWith("cannot be told apart from the reference policy and nll (difference to the reference policy +0.40, 95% interval 0.01 to 0.80, but p = 0.060 once corrected for the comparisons with all others).", Of(0.03).Headline);
        Assert.Contains(Of(0.03).Details, line => line.Contains("corrected for all 2 comparisons with it (Holm). Confirm it with another seed or more prompts.", StringComparison.Ordinal));
        Assert.Equal(VerdictKind.Won, Of(0.02).Kind);
        Assert.Contains("Corrected for the 2 comparisons with a-lol (Holm), the closest has p = 0.040; the p of the tables is corrected for all pairs.", Of(0.02).Details);
    }

    [Fact]
    public void A_gain_in_total_that_costs_another_reward_is_told()
    {
        RunResults run = Run([("reference", 0.5), ("a-lol", 0.9)], ("a-lol", "reference", 0.4, 0.31, 0.52));
        run = run with
        {
            Methods = [.. run.Methods.Select(method => method with { Rewards = new Dictionary<string, Estimate>(method.Rewards) { ["polite"] = new(0.5, 0.4, 0.6) } })],
            Paired = [.. run.Paired, Pair("polite", -0.2, -0.3, -0.1)],
        };
        Assert.Contains("a-lol gains total reward but loses polite (−0.20, −0.30 to −0.10).", Verdict.Of(run).Details);
    }

    [Fact]
    public void The_winner_s_distance_and_length_stand_beside_it()
    {
        RunResults run = Run([("reference", 0.5), ("a-lol", 0.9)], ("a-lol", "reference", 0.4, 0.31, 0.52));
        run = run with { Methods = [run.Methods[0] with { Length = 30.2 }, run.Methods[1] with { Length = 24.1, KlK3 = 3.21 }] };
        Assert.Contains("a-lol moved 3.21 nats (KL, k3) from the reference policy, and its replies have 24.1 tokens on average instead of 30.2.", Verdict.Of(run).Details);
    }

    internal static RunResults Run((string Name, double Mean)[] methods, params (string A, string B, double Difference, double Low, double High)[] pairs) => new()
    {
        Name = "test",
        Preset = "corrected",
        Seed = 1,
        Confidence = 0.95,
        Methods =
        [
            .. methods.Select(method => new MethodResult
            {
                Name = method.Name, Seed = 1, Kl = 1, Length = 10, Prompts = 200,
                Rewards = new Dictionary<string, Estimate> { ["total"] = new(method.Mean, method.Mean - 0.1, method.Mean + 0.1) },
            }),
        ],
        Paired = [.. pairs.Select(pair => new PairedResult(pair.A, pair.B, "total", pair.Difference, pair.Low, pair.High, 0.0001))],
        Versions = new Dictionary<string, string>(),
        Hashes = new Dictionary<string, string>(),
    };

    private static PairedResult Pair(string reward, double difference, double low, double high) => new("a-lol", "reference", reward, difference, low, high, 0.001);

    private static RunResults Renamed(RunResults run, string reward) => run with
    {
        Methods = [.. run.Methods.Select(method => method with { Rewards = new Dictionary<string, Estimate> { [reward] = method.Rewards["total"] } })],
        Paired = [.. run.Paired.Select(pair => pair with { Reward = reward })],
    };
}
