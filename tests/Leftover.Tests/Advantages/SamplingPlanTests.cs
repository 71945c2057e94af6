using Leftover.Advantages;
using Leftover.Data;

namespace Leftover.Tests.Advantages;

public class SamplingPlanTests
{
    // METHOD fixture F4.
    private static readonly double[] s_advantages = [-0.2, 0.1, 0, 0.3, 0.05];

    [Fact]
    public void A_number_on_the_boundary_draws_the_next_row()
    {
        var draws = new DrawTable(Priorities.Power(s_advantages));
        Assert.Equal([1, 1, 1, 3, 3, 3, 4, 4], new[] { 0, .2, .2222, .22222223, .5, .8888, .8889, .99999 }.Select(draws.Draw));
        Assert.Equal(1, new DrawTable([0.5, 0.5]).Draw(0.5));        // c_0 = 0.5 is not above r = 0.5
    }

    [Fact]
    public void A_number_that_rounds_to_the_whole_draws_the_last_row()
    {
        // Ten times 0.1 adds up to 0.99…9: times the largest double below 1 it rounds to itself, and no cumulative is above it.
        double[] tenths = [.. Enumerable.Repeat(0.1, 10)];
        Assert.Equal(9, new DrawTable(tenths).Draw(Math.BitDecrement(1.0)));
        Assert.Equal(4, new DrawTable(Priorities.Power(s_advantages)).Draw(1.0));
    }

    [Fact]
    public void Rows_without_advantage_are_never_drawn_and_the_others_as_often_as_their_advantage_says()
    {
        SamplingPlan plan = Plan(SamplingStrategy.GoodPriority, batchSize: 45);
        int[] counts = new int[5];
        for (int step = 1; step <= 1000; step++)
            foreach (int row in plan.Step(step)) counts[row]++;

        Assert.Equal(0, counts[0]);
        Assert.Equal(0, counts[2]);
        // 45,000 draws with p = 2/9, 6/9, 1/9: four standard deviations are below 0.0089.
        Assert.Equal(2.0 / 9, counts[1] / 45000.0, tolerance: 0.009);
        Assert.Equal(6.0 / 9, counts[3] / 45000.0, tolerance: 0.009);
        Assert.Equal(1.0 / 9, counts[4] / 45000.0, tolerance: 0.009);
    }

    [Theory]
    [InlineData(SamplingStrategy.Uniform)]
    [InlineData(SamplingStrategy.GoodRandom)]
    [InlineData(SamplingStrategy.GoodPriority)]
    [InlineData(SamplingStrategy.AllPriority)]
    public void A_step_depends_on_nothing_but_the_seed_and_its_number(SamplingStrategy strategy)
    {
        SamplingPlan whole = Plan(strategy, batchSize: 2), resumed = Plan(strategy, batchSize: 2), other = Plan(strategy, batchSize: 2, seed: 8);
        int[][] steps = [.. Enumerable.Range(1, 40).Select(whole.Step)];

        Assert.Equal(steps[29], resumed.Step(30));                   // the first that a resumed run asks for
        Assert.Equal(steps[4], resumed.Step(5));                     // and back
        Assert.NotEqual(steps, Enumerable.Range(1, 40).Select(other.Step).ToArray());
    }

    [Fact]
    public void Uniform_passes_take_every_kept_row_once_before_any_twice()
    {
        SamplingPlan plan = Plan(SamplingStrategy.Uniform, batchSize: 2);          // rows 1, 3, 4: a batch spans two passes
        int[] taken = [.. Enumerable.Range(1, 30).SelectMany(plan.Step)];
        foreach (int[] pass in taken.Chunk(3)) Assert.Equal([1, 3, 4], pass.Order());
        Assert.True(taken.Chunk(3).Select(pass => string.Join(' ', pass)).Distinct().Count() > 3);       // of 6 orders
        Assert.Equal(3, plan.StepsFor(2));                           // 6 rows in batches of 2
        Assert.Equal(2, plan.StepsFor(1));
    }

    [Fact]
    public void Steps_shrink_by_the_share_of_better_answers_kept()
    {
        Assert.Equal(5400, Plan(SamplingStrategy.GoodPriority).Scaled(9000));
        Assert.Equal(540, Plan(SamplingStrategy.GoodRandom).Scaled(900));
        Assert.Equal(9000, Plan(SamplingStrategy.Uniform).Scaled(9000));

        // q = .67: 6030 and 603.
        double[] advantages = [.. Enumerable.Range(0, 100).Select(i => i < 67 ? 0.1 : -0.1)];
        SamplingPlan plan = SamplingPlan.For(Table(advantages), new SamplingOptions { Strategy = SamplingStrategy.GoodRandom }, 4, 1);
        Assert.Equal((6030, 603), (plan.Scaled(9000), plan.Scaled(900)));
    }

    [Fact]
    public void Only_all_priority_draws_worse_answers()
    {
        ScoredRow[] rows = [Row(0, 0.1), Row(1, 0.2), Row(2, 0.7) with { IsWorse = true }];
        AdvantageTable table = AdvantageTable.Create(rows, [0, 0, 0], Credit.Advantage);
        foreach (SamplingStrategy strategy in Enum.GetValues<SamplingStrategy>())
        {
            IReadOnlyList<int> drawn = SamplingPlan.For(table, new SamplingOptions { Strategy = strategy }, 4, 1).Rows;
            Assert.Equal(strategy == SamplingStrategy.AllPriority ? [0, 1, 2] : [0, 1], drawn);
        }
    }

    [Fact]
    public void Correcting_for_priority_lets_the_advantage_count_once()
    {
        SamplingPlan plan = SamplingPlan.For(Table(s_advantages), new SamplingOptions { Strategy = SamplingStrategy.GoodPriority, CorrectForPriority = true }, 4, 1);
        double[] p = Priorities.Power(s_advantages);
        foreach (int row in plan.Rows) Assert.Equal(1.0 / 3, p[row] * plan.WeightOf(row), 12);      // times A: A/n, as under uniform draws
        Assert.Equal(1, Plan(SamplingStrategy.GoodPriority).WeightOf(3));
    }

    [Fact]
    public void A_strategy_that_can_take_no_row_says_so()
    {
        AdvantageTable table = AdvantageTable.Create([Row(0, -0.1), Row(1, -0.2)], [0, 0], Credit.Advantage, new AdvantageOptions { Threshold = -1 });
        Assert.Equal(2, SamplingPlan.For(table, new SamplingOptions(), 1, 1).Rows.Count);
        string message = Assert.Throws<DataException>(() => SamplingPlan.For(table, new SamplingOptions { Strategy = SamplingStrategy.GoodPriority }, 1, 1)).Message;
        Assert.Contains("none of the 2 rows has a positive advantage", message);
    }

    private static SamplingPlan Plan(SamplingStrategy strategy, int batchSize = 4, long seed = 7) =>
        SamplingPlan.For(Table(s_advantages), new SamplingOptions { Strategy = strategy }, batchSize, seed);

    private static AdvantageTable Table(double[] advantages) =>
        AdvantageTable.Create([.. advantages.Select((a, i) => Row(i, a))], new double[advantages.Length], Credit.Advantage);

    private static ScoredRow Row(int i, double reward) => new($"row {i}", "rows.jsonl", i + 1, i, reward);
}
