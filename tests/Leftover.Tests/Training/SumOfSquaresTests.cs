using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;
using Leftover.Training;

namespace Leftover.Tests.Training;

/// <summary>What WPO reads beside log-probabilities, and that a training hands it over.</summary>
public class SumOfSquaresTests
{
    [Fact]
    public void A_training_gives_the_loss_the_sum_of_squared_probabilities_of_each_token()
    {
        using LanguageModel policy = TinyPolicy.Create();
        TrainingRow[] rows = TinyPolicy.Rows(6);
        var recorder = new Recorder();
        using (var trainer = new Trainer(policy, recorder, new TrainerSettings { Optimizer = new AdamWOptions(), LearningRate = _ => 0 }, _ => rows)) _ = trainer.Steps(1, 1).Single();

        CompletionBatch batch = BatchPacker.Pack(rows);
        using var arena = new Arena();
        using Tape tape = arena.Begin(record: false);
        Tensor logits = policy.Logits(batch.Tokens, batch.Layout, batch.Rows);
        for (int t = 0; t < batch.Targets.Length; t++)
        {
            double[] z = [.. logits.Data.Slice(t * TinyPolicy.Vocabulary, TinyPolicy.Vocabulary).ToArray().Select(x => (double)x)];
            double sum = z.Sum(Math.Exp), squares = z.Sum(x => Math.Exp(x) / sum * (Math.Exp(x) / sum));
            Assert.Equal(Math.Log(squares), recorder.Seen[t], 1e-5);
        }
    }

    [Fact]
    public void Asking_for_it_changes_no_bit_of_a_training_and_weighting_changes_it()
    {
        TrainingRow[] rows = [.. TinyPolicy.Rows(12).Select((row, i) => row with { Group = i / 2 })];
        float[] Trained(Algorithm algorithm)
        {
            using LanguageModel policy = TinyPolicy.Create();
            using var trainer = new Trainer(policy, algorithm, new TrainerSettings { Optimizer = new AdamWOptions { Epsilon = 1e-3 }, LearningRate = _ => 1e-2f }, _ => rows);
            foreach (StepReport report in trainer.Steps(1, 2)) Assert.True(double.IsFinite(report.Loss));
            return TinyPolicy.WeightsOf(policy);
        }

        Assert.Equal(Trained(new NegativeLogLikelihood()), Trained(new Recorder()));
        Assert.NotEqual(Trained(new Dpo()), Trained(new Dpo { UseWeighting = true }));
    }

    /// <summary>NLL that keeps what it is given.</summary>
    private sealed record Recorder : Algorithm
    {
        public float[] Seen { get; private set; } = [];

        public override Leftover.Advantages.Credit Credit => Leftover.Advantages.Credit.None;

        public override bool ReadsSumOfSquares => true;

        public override Tensor CompletionLosses(Tensor tokenLogProbs, CompletionBatch batch)
        {
            Seen = batch.LogSumSquaredProbs.Data.ToArray();
            return -batch.SumByCompletion(tokenLogProbs);
        }
    }
}
