using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Tensors.Kernels;
using Leftover.Tensors.Optimizers;
using Leftover.Training;

namespace Leftover.Tests.Training;

[Collection("Threads")]
public sealed class TrainerTests : IDisposable
{
    private readonly int _threads = ThreadTeam.Shared.Size;

    public void Dispose() => ThreadTeam.Resize(_threads);

    [Fact]
    public void One_two_and_three_threads_end_with_the_same_bytes()
    {
        float[] Trained(int threads)
        {
            ThreadTeam.Resize(threads);
            return Train(new ALoL(), TinyPolicy.Rows(24), steps: 4, batch: 12);
        }

        float[] one = Trained(1);
        Assert.Equal(one, Trained(2));
        Assert.Equal(one, Trained(3));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Eight_at_once_and_two_times_four_accumulated_end_with_the_same_weights(string name)
    {
        Algorithm algorithm = AlgorithmOf(name);
        float[] atOnce = Train(algorithm, TinyPolicy.Rows(8), steps: 3, batch: 8, accumulation: 1);
        float[] accumulated = Train(algorithm, TinyPolicy.Rows(8), steps: 3, batch: 8, accumulation: 2);
        Assert.Equal(atOnce.Length, accumulated.Length);
        for (int i = 0; i < atOnce.Length; i++) Assert.Equal(atOnce[i], accumulated[i], 1e-6f);
    }

    [Fact]
    public void A_batch_cut_to_fit_the_memory_gives_the_gradient_of_the_whole()
    {
        float[] whole = Train(new NegativeLogLikelihood(), TinyPolicy.Rows(9), steps: 2, batch: 9);
        float[] cut = Train(new NegativeLogLikelihood(), TinyPolicy.Rows(9), steps: 2, batch: 9, maxTokens: 20);
        for (int i = 0; i < whole.Length; i++) Assert.Equal(whole[i], cut[i], 1e-6f);
    }

    [Fact]
    public void Summed_batches_have_the_sum_of_their_means_for_a_loss()
    {
        // Two batches of two: each counts with its own mean, so the step's loss is the sum of both instead of their mean.
        double mean = FirstLoss(sum: false), sum = FirstLoss(sum: true);
        Assert.Equal(2 * mean, sum, 1e-5);

        static double FirstLoss(bool sum)
        {
            using LanguageModel policy = TinyPolicy.Create();
            TrainingRow[] rows = TinyPolicy.Rows(4);
            using var trainer = new Trainer(policy, new NegativeLogLikelihood(), Settings(accumulation: 2) with { SumBatches = sum }, _ => rows);
            return trainer.Steps(1, 1).Single().Loss;
        }
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_before_the_update_and_names_step_and_examples()
    {
        using LanguageModel policy = TinyPolicy.Create();
        float[] before = TinyPolicy.WeightsOf(policy);
        TrainingRow[] rows = [.. TinyPolicy.Rows(4).Select(row => row with { Reward = float.MaxValue, Weight = float.MaxValue })];
        using var trainer = new Trainer(policy, new WeightedBehaviorCloning(), Settings(), _ => rows);

        ArithmeticException error = Assert.Throws<ArithmeticException>(() => trainer.Steps(5, 5).ToList());

        Assert.Contains("Step 5", error.Message);
        Assert.Contains("0, 1, 2, 3", error.Message);
        Assert.Equal(before, TinyPolicy.WeightsOf(policy));
    }

    [Fact]
    public void A_frozen_policy_is_refused() =>
        Assert.Throws<ArgumentException>(() =>
        {
            string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            using (LanguageModel policy = TinyPolicy.Create()) ModelFolder.Save(policy, folder);
            try
            {
                using LanguageModel frozen = LanguageModel.Load(folder);
                new Trainer(frozen, new ALoL(), Settings(), _ => []).Dispose();
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });

    [Fact]
    public void After_warm_up_a_step_allocates_nothing_that_grows_with_the_model_or_more_than_its_token_ids_with_the_batch()
    {
        // Token ids, offsets and the like are a few integers a token; activations, gradients and logits would be thousands of bytes a token.
        long small = BytesOfAStep(8), large = BytesOfAStep(64);
        int tokens = TinyPolicy.Rows(64).Sum(row => row.Length) - TinyPolicy.Rows(8).Sum(row => row.Length);
        Assert.InRange(large - small, 0, tokens * 300L);

        static long BytesOfAStep(int batch)
        {
            using LanguageModel policy = TinyPolicy.Create();
            TrainingRow[] rows = TinyPolicy.Rows(batch);
            using var trainer = new Trainer(policy, new ALoL(), Settings(), _ => rows);
            foreach (StepReport _ in trainer.Steps(1, 3)) { }
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (StepReport _ in trainer.Steps(4, 4)) { }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    public static TheoryData<string> Algorithms() => ["nll", "wbc", "r-gold", "r-lol", "a-lol", "a-lol-ref-free", "a-lol-seq", "a-lol-kl"];

    private static Algorithm AlgorithmOf(string name) =>
        System.Text.Json.JsonSerializer.Deserialize<Algorithm>($$"""{"name": "{{name}}"}""")!;

    private static float[] Train(Algorithm algorithm, TrainingRow[] rows, int steps, int batch, int accumulation = 1, int maxTokens = 4096)
    {
        using LanguageModel policy = TinyPolicy.Create();
        using var trainer = new Trainer(policy, algorithm, Settings(accumulation, maxTokens), step => [.. Enumerable.Range(0, batch).Select(i => rows[((step * batch) + i) % rows.Length])]);
        foreach (StepReport _ in trainer.Steps(1, steps)) { }
        return TinyPolicy.WeightsOf(policy);
    }

    private static TrainerSettings Settings(int accumulation = 1, int maxTokens = 4096) => new()
    {
        // A large ε: Adam's first steps divide by the gradient's own size, and where that is rounding noise the sign alone would move a weight.
        Optimizer = new AdamWOptions { Epsilon = 1e-3 },
        LearningRate = _ => 1e-3f,
        Accumulation = accumulation,
        MaxBatchTokens = maxTokens,
    };
}
