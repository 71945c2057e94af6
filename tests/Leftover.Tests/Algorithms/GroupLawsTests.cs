using System.Text.Json;
using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Tensors;

namespace Leftover.Tests.Algorithms;

/// <summary>What holds for every objective that compares answers, and for those that learn from their own replies.</summary>
public class GroupLawsTests
{
    private const int Groups = 4;

    private static readonly Algorithm[] s_comparing =
    [
        new Dpo(), new Dpo { LossType = [DpoLoss.Ipo] }, new Dpo { LossType = [DpoLoss.Hinge] }, new Dpo { ReferenceFree = true }, new Dpo { LabelSmoothing = 0.2f },
        new Dpo { LossType = [DpoLoss.Sigmoid, DpoLoss.BcoPair, DpoLoss.Sft], LossWeights = [0.8f, 0.2f, 1] }, new Kto { LossType = KtoLoss.ApoZeroUnpaired },
        new Kto(), new Orpo(), new Cpo(), new SimPo(), new Slic(), new Pro(), new Rrhf(),
    ];

    public static TheoryData<Algorithm> Comparing => [.. s_comparing];

    // A batch's part of the others is a mean over its own tokens or a drift of its own answers: halves are not the whole.
    public static TheoryData<Algorithm> OfSingleGroups => [new Dpo(), new Dpo { LossType = [DpoLoss.Ipo] }, new Dpo { LossType = [DpoLoss.ExoPair] }, new SimPo(), new Cpo { CpoAlpha = 0 }, new Slic { NllWeight = 0 }, new Pro(), new Rrhf()];

    public static TheoryData<Algorithm> All => [.. s_comparing, new Ppo(), new Rloo(), new Grpo(), new Grpo { Beta = 0.04f, LossType = GrpoLoss.Grpo }, new Dpo { LossType = [DpoLoss.Aot], UseWeighting = false }, new Grpo { LossType = GrpoLoss.Vespo }, new Pro { ReleasedMask = true, LogEpsilon = 1e-10f }];

    [Theory]
    [MemberData(nameof(All))]
    public void An_algorithm_reads_back_from_json_under_its_name(Algorithm algorithm)
    {
        string json = JsonSerializer.Serialize(algorithm);
        Algorithm back = JsonSerializer.Deserialize<Algorithm>(json)!;
        Assert.Equal(json, JsonSerializer.Serialize(back));
        Assert.Equal(algorithm.GetType(), back.GetType());
        Assert.DoesNotContain("Grouping", json);
        Assert.DoesNotContain("InitialMemory", json);
    }

    [Theory]
    [MemberData(nameof(Comparing))]
    public void The_order_of_the_groups_changes_nothing(Algorithm algorithm)
    {
        Sample sample = Sample.Of(algorithm, 21);
        AlgorithmRun forth = sample.Run(algorithm, [0, 1, 2, 3]), back = sample.Run(algorithm, [3, 2, 1, 0]);
        Assert.Equal(forth.Loss, back.Loss, tolerance: 1e-5f * Math.Abs(forth.Loss));
        Assert.Equal(Groups, forth.Losses.Length);
        float[] backward = [.. forth.Losses.Reverse()];
        for (int g = 0; g < Groups; g++) Assert.Equal(backward[g], back.Losses[g], tolerance: 1e-5f * Math.Abs(backward[g]));
    }

    [Theory]
    [MemberData(nameof(OfSingleGroups))]
    public void Four_groups_at_once_equal_three_and_one_accumulated(Algorithm algorithm)
    {
        Sample sample = Sample.Of(algorithm, 22);
        AlgorithmRun whole = sample.Run(algorithm, [0, 1, 2, 3]), three = sample.Run(algorithm, [0, 1, 2], stepShare: 0.75f), one = sample.Run(algorithm, [3], stepShare: 0.25f);
        Assert.Equal(whole.Loss, three.Loss + one.Loss, tolerance: 1e-5f * Math.Abs(whole.Loss));
        float[] parts = [.. three.Gradient, .. one.Gradient];
        for (int t = 0; t < parts.Length; t++) Assert.Equal(whole.Gradient[t], parts[t], tolerance: 1e-5f * Math.Abs(whole.Gradient[t]) + 1e-9f);
    }

    [Theory]
    [MemberData(nameof(OfSingleGroups))]
    public void A_groups_weight_multiplies_its_loss(Algorithm algorithm)
    {
        Sample sample = Sample.Of(algorithm, 23);
        AlgorithmRun plain = sample.Run(algorithm, [0, 1]), weighted = sample.Run(algorithm, [0, 1], weights: [0, 3]);
        Assert.Equal(3 * plain.Losses[1] / 2, weighted.Loss, tolerance: 1e-5f * Math.Abs(weighted.Loss));
    }

    [Theory]
    [MemberData(nameof(Comparing))]
    public void A_step_along_the_gradient_makes_the_better_answer_likelier_against_the_worse(Algorithm algorithm)
    {
        Sample sample = Sample.Of(algorithm, 24);
        AlgorithmRun run = sample.Run(algorithm, [0]);
        (int first, int last) = (sample.LogProbs[0][0].Length, sample.LogProbs[0][^1].Length);
        float better = run.Gradient[..first].Sum(), worse = run.Gradient[^last..].Sum();
        Assert.True(better < 0, $"The better answer's gradient is {better}.");
        if (algorithm is Kto) Assert.Equal(0, worse);                                        // its second answer only measures
        else Assert.True(worse >= 0, $"The worse answer's gradient is {worse}.");
    }

    [Fact]
    public void At_the_reference_dpo_loses_ln_2_and_ipo_a_quarter_over_beta_squared()
    {
        Sample sample = Sample.Of(new Dpo(), 25);
        Sample equal = sample with { Reference = sample.LogProbs };
        Assert.Equal(MathF.Log(2), equal.Run(new Dpo(), [0, 1, 2, 3]).Loss, 1e-6f);
        Assert.Equal(25, equal.Run(new Dpo { LossType = [DpoLoss.Ipo], Beta = 0.1f }, [0, 1, 2, 3]).Loss, 1e-4f);
        Assert.Equal(0.5f, equal.Run(new Kto(), [0, 1, 2, 3]).Loss, 1e-6f);
    }

    [Fact]
    public void Comparing_objectives_say_so_and_online_ones_need_no_logged_answer()
    {
        Assert.All(s_comparing, algorithm => Assert.Equal(Credit.Comparison, algorithm.Credit));
        Assert.All(s_comparing, algorithm => Assert.NotNull(algorithm.Grouping));
        Assert.All<OnlineAlgorithm>([new Ppo(), new Rloo(), new Grpo()], online => Assert.Null(online.Grouping));
        Assert.True(new Ppo().UsesValues);
        Assert.False(new Rloo().UsesValues || new Grpo().UsesValues);
    }

    [Fact]
    public void Vespo_weighs_a_reply_by_its_ratio_and_falls_off_on_both_sides()
    {
        // φ(1) = 1; a reply twice as likely as when it was written, A > 0: 2²·e^(3·(1 − 2)).
        float[] Gradient(float old) => AlgorithmRun.Of(new Grpo { LossType = GrpoLoss.Vespo }, [-1, -1], AlgorithmRun.Batch([0, 2], [], new float[1], [0.5f], rollout: new RolloutTokens { OldLogProbs = [-1, old] })).Gradient;
        Assert.Equal(-0.5f / 2, Gradient(-1)[0], 1e-6f);
        Assert.Equal(-0.5 / 2 * 4 * Math.Exp(-3), Gradient(-1 - MathF.Log(2))[1], 1e-6);
        Assert.Equal(-0.5 / 2 * 0.25 * Math.Exp(1.5), Gradient(-1 + MathF.Log(2))[1], 1e-6);
        Assert.True(new Grpo { LossType = GrpoLoss.Vespo }.AveragesTokens);
    }

    [Fact]
    public void Replies_that_all_earn_the_same_teach_grpo_and_rloo_nothing()
    {
        var rollouts = new Rollouts { Offsets = [0, 1, 2, 3, 4], Generations = 2, Scores = [1, 1, 3, 3], OldLogProbs = [-1, -1, -1, -1], ReferenceLogProbs = [-1, -1, -1, -1] };
        Assert.All(new Grpo().Judge(rollouts, new Dictionary<string, double>()).Advantages, advantage => Assert.Equal(0, advantage));
        Assert.All(new Rloo().Judge(rollouts, new Dictionary<string, double>()).Advantages, advantage => Assert.Equal(0, advantage));
    }

    [Fact]
    public void Ppos_coefficient_of_kl_rises_where_the_policy_drifts_too_far_and_stays_where_it_is_fixed()
    {
        var rollouts = new Rollouts { Offsets = [0, 2, 4], Generations = 1, Scores = [1, 0], OldLogProbs = [-1, -1, -1, -1], ReferenceLogProbs = [-9, -9, -9, -9], OldValues = [0, 0, 0, 0] };
        var adaptive = new Ppo();
        var memory = new Dictionary<string, double>(adaptive.InitialMemory);
        Assert.Equal(0.2, adaptive.Judge(rollouts, memory).Figures["objective/kl_coef"]);
        Assert.Equal(0.2 * (1 + 0.2 * 2 / 10_000), memory["kl_coef"], 12);                   // drift 16 nats against 6: the largest error

        memory = new Dictionary<string, double>(adaptive.InitialMemory);
        new Ppo { AdapKlCtrl = false }.Judge(rollouts, memory);
        Assert.Equal(0.2, memory["kl_coef"]);
    }

    /// <summary>Four groups of random numbers, pairs or lists of three, of which any can be packed in any order.</summary>
    private sealed record Sample(float[][][] LogProbs, float[][][] Reference)
    {
        public static Sample Of(Algorithm algorithm, long seed)
        {
            var random = new RandomStream(seed, algorithm.ToString());
            float Uniform(double low, double high) => (float)(low + (high - low) * random.NextDouble());
            int answers = algorithm is RankingAlgorithm ? 3 : 2;
            float[][][] logProbs = [.. Enumerable.Range(0, Groups).Select(g => Enumerable.Range(0, answers).Select(b => Enumerable.Range(0, 2 + (g * 5 + b * 3) % 7).Select(_ => Uniform(-3, -0.2)).ToArray()).ToArray())];
            return new Sample(logProbs, [.. logProbs.Select(group => group.Select(row => row.Select(x => Math.Min(x + Uniform(-0.3, 0.3), -0.001f)).ToArray()).ToArray())]);
        }

        public AlgorithmRun Run(Algorithm algorithm, int[] order, float stepShare = 1, float[]? weights = null)
        {
            float[][] rows = [.. order.SelectMany(g => LogProbs[g])], reference = [.. order.SelectMany(g => Reference[g])];
            int answers = LogProbs[0].Length, at = 0;
            int[] offsets = [0, .. rows.Select(row => at += row.Length)];
            float[] rewards = [.. order.SelectMany(_ => Enumerable.Range(0, answers).Select(b => (float)(answers - b)))];
            return AlgorithmRun.Of(algorithm, [.. rows.SelectMany(row => row)], AlgorithmRun.Batch(
                offsets, [.. reference.SelectMany(row => row)], rewards, [.. rewards.Select(_ => 1f)], weights?.SelectMany(weight => Enumerable.Repeat(weight, answers)).ToArray(), stepShare,
                groupOffsets: [.. Enumerable.Range(0, order.Length + 1).Select(g => g * answers)]));
        }
    }
}
