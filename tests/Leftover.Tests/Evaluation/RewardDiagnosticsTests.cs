using Leftover.Evaluation;
using Leftover.Rewards;
using Leftover.Tensors;

namespace Leftover.Tests.Evaluation;

public class RewardDiagnosticsTests
{
    private static readonly double[] s_lengths = [.. Enumerable.Range(0, 40).Select(i => 10.0 + i)];

    [Fact]
    public void A_reward_that_rises_with_length_is_pointed_out_unless_length_is_what_it_means()
    {
        double[] longer = [.. s_lengths.Select(x => Math.Sqrt(x))];
        string warning = Assert.Single(Of(Column("long", longer)).Warnings);
        Assert.Contains("'long' is nearly a function of length", warning);
        Assert.Contains("1.00", warning);
        Assert.Contains("long answers alone", warning);
        Assert.Contains("short answers alone", Assert.Single(Of(Column("short", [.. longer.Select(x => -x)])).Warnings));

        RewardDiagnostics meant = Of(Column("long", longer) with { MeansLength = true });
        Assert.Empty(meant.Warnings);
        Assert.True(meant.Rewards[0].FollowsLength);
    }

    [Fact]
    public void A_reward_with_most_rows_at_an_end_is_saturated()
    {
        // 36 of 40 rows within a hundredth of the upper end of [0, 1].
        double[] scores = [.. Shuffled(40, i => i < 36 ? 0.992 : 0.2)];
        RewardDiagnostics diagnostics = Of(Column("sure", scores) with { Range = RewardRange.Unit });
        Assert.Contains("'sure' is saturated: 90% of the train set's rows lie at its upper end", Assert.Single(diagnostics.Warnings));
        Assert.Equal(0.9, diagnostics.Rewards[0].AtHigh, 1e-12);
        Assert.Equal(0, diagnostics.Rewards[0].AtLow);
        Assert.True(diagnostics.Rewards[0].IsSaturated);

        // Without a range the greatest value itself is the end.
        Assert.Empty(Of(Column("even", [.. Shuffled(40, i => i < 20 ? 1 : 0)])).Warnings);
        Assert.Contains("lower end", Assert.Single(Of(Column("rare", [.. Shuffled(40, i => i < 35 ? 0 : 1)])).Warnings));
    }

    [Fact]
    public void Two_rewards_that_order_rows_alike_are_pointed_out()
    {
        double[] first = [.. Shuffled(40, i => i)];
        RewardDiagnostics diagnostics = Of(Column("a", first), Column("b", [.. first.Select(Math.Exp)]), Column("c", [.. first.Select(x => -x)]), Column("total", first));
        Assert.Contains(diagnostics.Warnings, warning => warning.Contains("'a' and 'b' order the train set's rows alike", StringComparison.Ordinal));
        Assert.Contains(diagnostics.Warnings, warning => warning.Contains("'b' and 'c' order the train set's rows against each other", StringComparison.Ordinal));
        Assert.DoesNotContain(diagnostics.Warnings, warning => warning.Contains("'total'", StringComparison.Ordinal));
        Assert.Equal(-1, diagnostics.Rewards[0].Correlations["c"], 1e-12);
    }

    [Fact]
    public void A_constant_reward_has_no_correlations_and_is_flagged()
    {
        RewardDiagnostics diagnostics = Of(Column("same", [.. s_lengths.Select(_ => 0.3)]), Column("other", [.. Shuffled(40, i => i)]));
        RewardProfile same = diagnostics.Rewards[0];
        Assert.True(same.IsConstant);
        Assert.False(same.IsSaturated);
        Assert.Null(same.LengthCorrelation);
        Assert.Empty(same.Correlations);
        Assert.Empty(diagnostics.Rewards[1].Correlations);
        Assert.Equal(40, same.Histogram.Counts.Single());
    }

    [Fact]
    public void Few_rows_say_nothing_and_none_nothing_at_all()
    {
        RewardDiagnostics few = RewardDiagnostics.Of([new ScoredColumn("long", [1, 2, 3], RewardRange.Unbounded)], [1, 2, 3]);
        Assert.Empty(few.Warnings);
        Assert.Null(few.Rewards[0].LengthCorrelation);
        Assert.Empty(RewardDiagnostics.Of([new ScoredColumn("long", [], RewardRange.Unbounded)], []).Rewards);
        Assert.Contains("2 rows", Assert.Throws<ArgumentException>(() => RewardDiagnostics.Of([new ScoredColumn("long", [1, 2], RewardRange.Unbounded)], [1])).Message);
    }

    [Fact]
    public void A_distribution_is_told_in_figures()
    {
        RewardProfile profile = Of(Column("even", [.. Shuffled(40, i => i)])).Rewards[0];
        Assert.Equal([1.95, 9.75, 19.5, 29.25, 37.05], profile.Quantiles.Select(x => Math.Round(x, 12)));
        Assert.Equal((0, 39), (profile.Spread.Minimum, profile.Spread.Maximum));
        Assert.Equal(19.5, profile.Spread.Mean, 1e-12);
        Assert.Equal(40, profile.Values);
        Assert.Equal(40, profile.Histogram.Counts.Sum());
    }

    private static RewardDiagnostics Of(params ScoredColumn[] columns) => RewardDiagnostics.Of(columns, s_lengths);

    private static ScoredColumn Column(string name, double[] scores) => new(name, scores, RewardRange.Unbounded);

    private static double[] Shuffled(int count, Func<int, double> value)
    {
        double[] values = [.. Enumerable.Range(0, count).Select(value)];
        new RandomStream(5, "shuffle").Shuffle<double>(values);
        return values;
    }
}
