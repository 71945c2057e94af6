using Leftover.Advantages;
using Leftover.Models;
using Leftover.Models.Classification;
using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;
using Leftover.Training;

namespace Leftover.RewardModels;

/// <summary>The training of a reward model: AdamW over shuffled passes, with checkpoints that it goes on from.</summary>
/// <remarks>A step's items follow from its number alone, so a training that is stopped after step k and continued ends with the same bytes.</remarks>
internal sealed class RewardModelTraining
{
    /// <summary>What is shown while it runs.</summary>
    public required string Title { get; init; }

    /// <summary>The model; trainable.</summary>
    public required SequenceClassifier Model { get; init; }

    /// <summary>What it learns.</summary>
    public required RewardObjective Objective { get; init; }

    /// <summary>What it learns from.</summary>
    public required IReadOnlyList<RewardItem> Items { get; init; }

    /// <summary>Which of them each step takes.</summary>
    public required SamplingPlan Plan { get; init; }

    /// <summary>Steps in all.</summary>
    public required int Steps { get; init; }

    /// <summary>The optimizer's settings.</summary>
    public required TrainerSettings Settings { get; init; }

    /// <summary>Where checkpoints lie, how often they are written, and whether they are continued.</summary>
    public required CheckpointFolder Checkpoints { get; init; }

    /// <summary>A hash of all that the training depends on.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Steps between two checkpoints; 0 writes one only when it is stopped.</summary>
    public int SaveSteps { get; init; }

    /// <summary>Steps between two lines of metrics.</summary>
    public int LoggingSteps { get; init; } = 1;

    /// <summary>False starts afresh although there are checkpoints.</summary>
    public bool Resume { get; init; } = true;

    /// <summary>Runs it.</summary>
    /// <param name="log">Gets a line of figures a step.</param>
    /// <param name="observer">Who is told how far it is.</param>
    /// <param name="cancellation">Stops after a step, with a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was stopped; a checkpoint of the last whole step is on disk.</exception>
    /// <exception cref="ArithmeticException">A loss or gradient is not finite.</exception>
    public void Run(MetricsLog log, IRunObserver observer, CancellationToken cancellation)
    {
        using var optimizer = new AdamW(Model.Weights, Settings.Optimizer);
        using var arena = new Arena();
        TrainingState? newest = Resume ? Checkpoints.Newest() : null;
        log.RewindTo(newest?.Step ?? -1);
        if (newest is not null)
        {
            Checkpoints.Load(newest, Model.Weights, optimizer);
            observer.Say($"{Title}: going on after step {newest.Step} of {Steps}.");
        }
        int done = newest?.Step ?? 0;
        using IWorkProgress progress = observer.Begin(Title, Steps, "steps");
        progress.Advance(done);
        for (int step = done + 1; step <= Steps; step++)
        {
            RewardItem[] items = [.. Plan.Step(step).Select(i => Items[i])];
            (double loss, double norm) = Step(step, items, arena, optimizer);
            int tokens = items.Sum(item => item.Tokens);
            if (step % LoggingSteps == 0)
                log.Write(step, [new("train/loss", loss), new("train/grad_norm", norm), new("train/learning_rate", Settings.LearningRate(step)), new("train/num_tokens", tokens)]);
            progress.Advance(1, tokens, $"loss {loss:G4}");
            bool stopped = cancellation.IsCancellationRequested && step < Steps;
            if (stopped || (SaveSteps > 0 && step % SaveSteps == 0)) Checkpoints.Save(new TrainingState { Step = step, Fingerprint = Fingerprint }, Model.Weights, optimizer);
            if (!stopped) continue;
            observer.Say($"Stopped after step {step} of {Steps}; the same command goes on from there.");
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // The mean over the step's items, computed in parts that fit the memory.
    private (double Loss, double Norm) Step(int step, RewardItem[] items, Arena arena, AdamW optimizer)
    {
        double loss = 0;
        Model.Weights.ClearGradients();
        foreach (RewardItem[] part in Parts(items))
        {
            using Tape tape = arena.Begin(computeType: Model.ComputeType, checkpoint: Settings.Checkpoint);
            Tensor losses = Objective.Losses(Model.Logits(PackedTexts.Of([.. part.SelectMany(item => item.Texts)])), part);
            Tensor share = (losses * Tensor.Vector([.. part.Select(item => item.Weight / items.Length)])).Sum();
            if (!float.IsFinite(share.Item())) throw NotFinite("loss", share.Item(), step, part);
            tape.Backward(share);
            loss += share.Item();
        }
        double norm = GradientClipper.Norm(Model.Weights);
        if (!double.IsFinite(norm)) throw NotFinite("gradient's norm", norm, step, items);
        optimizer.Update(Settings.LearningRate(step), GradientClipper.Factor(norm, Settings.MaxGradientNorm));
        return (loss, norm);
    }

    private IEnumerable<RewardItem[]> Parts(RewardItem[] items)
    {
        int first = 0, tokens = 0;
        for (int i = 0; i < items.Length; i++)
        {
            if (i > first && tokens + items[i].Tokens > Settings.MaxBatchTokens)
            {
                yield return items[first..i];
                (first, tokens) = (i, 0);
            }
            tokens += items[i].Tokens;
        }
        yield return items[first..];
    }

    private static ArithmeticException NotFinite(string what, double value, int step, RewardItem[] items) =>
        new($"Step {step}: the {what} is {value}; it must be finite. The step was not taken. A lower --learning_rate is the usual cure; rows of the step: {string.Join(", ", items.Take(8).Select(item => item.Place))}{(items.Length > 8 ? ", …" : "")}.");
}
