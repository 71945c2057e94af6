using System.Text.Json;
using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Tensors;

namespace Leftover.Tests.Algorithms;

/// <summary>What holds for every algorithm, whatever its formula.</summary>
public class AlgorithmLawsTests
{
    private const int Completions = 8;

    public static TheoryData<Algorithm> All => [.. AlgorithmRun.All];

    [Theory]
    [MemberData(nameof(All))]
    public void The_order_of_the_batch_changes_nothing(Algorithm algorithm)
    {
        Sample sample = Sample.Of(algorithm, 11);
        int[] order = [.. Enumerable.Range(0, Completions).Reverse()];
        AlgorithmRun forth = sample.Run(algorithm, [.. Enumerable.Range(0, Completions)]), back = sample.Run(algorithm, order);
        Assert.Equal(forth.Loss, back.Loss, tolerance: 1e-5f * Math.Abs(forth.Loss));
        Assert.Equal(forth.Losses.Reverse(), back.Losses);
        int[] offsets = sample.Offsets(order);
        for (int b = 0; b < Completions; b++)
            Assert.Equal(forth.Gradient[sample.Tokens(order[b])], back.Gradient[offsets[b]..offsets[b + 1]]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Eight_at_once_equal_two_times_four_accumulated(Algorithm algorithm)
    {
        Sample sample = Sample.Of(algorithm, 12);
        AlgorithmRun whole = sample.Run(algorithm, [0, 1, 2, 3, 4, 5, 6, 7]);
        AlgorithmRun first = sample.Run(algorithm, [0, 1, 2, 3], stepShare: 0.5f), second = sample.Run(algorithm, [4, 5, 6, 7], stepShare: 0.5f);
        Assert.Equal(whole.Loss, first.Loss + second.Loss, tolerance: 1e-5f * Math.Abs(whole.Loss));
        Assert.Equal<float>(whole.Gradient, first.Gradient.Concat(second.Gradient));

        // Five and three: each counts by its share of the step's completions.
        AlgorithmRun five = sample.Run(algorithm, [0, 1, 2, 3, 4], stepShare: 5f / 8), three = sample.Run(algorithm, [5, 6, 7], stepShare: 3f / 8);
        float[] uneven = [.. five.Gradient, .. three.Gradient];
        for (int t = 0; t < uneven.Length; t++) Assert.Equal(whole.Gradient[t], uneven[t], tolerance: 1e-6f * Math.Abs(whole.Gradient[t]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Batches_that_are_summed_without_shares_give_their_number_times_the_gradient(Algorithm algorithm)
    {
        // What the authors' code does: no division by the accumulation steps.
        Sample sample = Sample.Of(algorithm, 13);
        AlgorithmRun whole = sample.Run(algorithm, [0, 1, 2, 3, 4, 5, 6, 7]);
        AlgorithmRun first = sample.Run(algorithm, [0, 1, 2, 3]), second = sample.Run(algorithm, [4, 5, 6, 7]);
        Assert.Equal(whole.Gradient.Select(g => 2 * g), first.Gradient.Concat(second.Gradient));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Weights_multiply_losses_and_a_weight_of_zero_is_no_gradient(Algorithm algorithm)
    {
        Sample sample = Sample.Of(algorithm, 14);
        AlgorithmRun plain = sample.Run(algorithm, [0, 1]), weighted = sample.Run(algorithm, [0, 1], weights: [0, 3]);
        Assert.Equal(3 * plain.Losses[1] / 2, weighted.Loss, tolerance: 1e-6f * Math.Abs(weighted.Loss));
        int first = sample.Tokens(0).End.Value - sample.Tokens(0).Start.Value;
        Assert.All(weighted.Gradient[..first], g => Assert.Equal(0, g));
        for (int t = first; t < plain.Gradient.Length; t++) Assert.Equal(3 * plain.Gradient[t], weighted.Gradient[t], tolerance: 1e-6f * Math.Abs(weighted.Gradient[t]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Only_those_that_read_the_reference_need_it(Algorithm algorithm)
    {
        Sample sample = Sample.Of(algorithm, 15);
        if (algorithm.UsesReference) Assert.Throws<ShapeException>(() => sample.Run(algorithm, [0, 1], withReference: false));
        else Assert.Equal(sample.Run(algorithm, [0, 1]).Losses, sample.Run(algorithm, [0, 1], withReference: false).Losses);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_algorithm_reads_back_from_json_under_its_name(Algorithm algorithm)
    {
        string json = JsonSerializer.Serialize(algorithm);
        Assert.Contains("\"name\":", json);
        Assert.Equal(algorithm, JsonSerializer.Deserialize<Algorithm>(json));
        Assert.DoesNotContain("Credit", json);                       // what a record says of itself is no hyperparameter
    }

    [Fact]
    public void Each_algorithm_names_what_its_rows_earn_their_place_by()
    {
        Assert.Equal(Credit.None, new NegativeLogLikelihood().Credit);
        Assert.All<Algorithm>([new WeightedBehaviorCloning(), new RewardGold(), new RLoL()], a => Assert.Equal(Credit.Reward, a.Credit));
        Assert.All<Algorithm>([new ALoL(), new ALoLSequence(), new ALoLReferenceFree(), new ALoLKl()], a => Assert.Equal(Credit.Advantage, a.Credit));
    }

    /// <summary>Eight completions of random numbers, of which any can be packed in any order.</summary>
    private sealed record Sample(float[][] LogProbs, float[][] Reference, float[] Rewards, float[] Advantages)
    {
        public static Sample Of(Algorithm algorithm, long seed)
        {
            var random = new RandomStream(seed, algorithm.ToString());
            float Uniform(double low, double high) => (float)(low + (high - low) * random.NextDouble());
            float[][] logProbs = [.. Enumerable.Range(0, Completions).Select(b => Enumerable.Range(0, 1 + (b * 5 + 2) % 7).Select(_ => Uniform(-4, -0.01)).ToArray())];
            return new Sample(
                logProbs, [.. logProbs.Select(row => row.Select(x => Math.Min(x + Uniform(-0.5, 0.5), -0.001f)).ToArray())],
                [.. Enumerable.Range(0, Completions).Select(_ => Uniform(0, 1))], [.. Enumerable.Range(0, Completions).Select(_ => Uniform(-0.3, 0.5))]);
        }

        public int[] Offsets(int[] order)
        {
            int[] offsets = new int[order.Length + 1];
            for (int b = 0; b < order.Length; b++) offsets[b + 1] = offsets[b] + LogProbs[order[b]].Length;
            return offsets;
        }

        /// <summary>Where a completion's tokens lie when all are packed in order.</summary>
        public Range Tokens(int completion)
        {
            int[] offsets = Offsets([.. Enumerable.Range(0, Completions)]);
            return offsets[completion]..offsets[completion + 1];
        }

        public AlgorithmRun Run(Algorithm algorithm, int[] order, float stepShare = 1, float[]? weights = null, bool withReference = true) => AlgorithmRun.Of(
            algorithm, [.. order.SelectMany(b => LogProbs[b])],
            AlgorithmRun.Batch(Offsets(order), withReference ? [.. order.SelectMany(b => Reference[b])] : [], [.. order.Select(b => Rewards[b])], [.. order.Select(b => Advantages[b])], weights, stepShare));
    }
}
