using Leftover.Runs;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;

namespace Leftover.Advantages;

/// <summary>The training of one value head: epochs over its prompts until the test error, or without a test the number of epochs, says stop.</summary>
/// <param name="head">The head, with its initial weights.</param>
/// <param name="states">The prompts' hidden states.</param>
/// <param name="training">What to learn.</param>
/// <param name="test">What picks the epoch; empty where the training error does.</param>
/// <param name="options">The settings.</param>
/// <param name="seed">Order and dropout follow from it.</param>
/// <param name="number">The head's number among those of one seed.</param>
internal sealed unsafe class ValueTraining(ValueHead head, PromptStates states, ValueTargets training, ValueTargets test, ValueOptions options, long seed, int number)
{
    // Adam moves each weight by about the rate, and a unit's input sums over the width: so the rate that moves V alike falls with the width.
    private const double RateTimesWidth = 0.05;

    private readonly float[] _best = new float[head.Weights.Length];
    private readonly float _perWidth = (float)(1 / head.Range.Width);
    private readonly float _learningRate = (float)(options.LearningRate ?? RateTimesWidth / head.Width);
    private int _bestEpoch = -1;
    private double _bestError = double.PositiveInfinity, _bestTrainingError = double.NaN;

    /// <summary>Trains the head; it ends with the weights of its best epoch.</summary>
    /// <exception cref="ArithmeticException">A loss is not finite.</exception>
    public ValueTrainingRecord Run(IRunObserver observer, CancellationToken cancellation)
    {
        using var optimizer = new AdamW(head.Weights, new AdamWOptions { WeightDecay = options.WeightDecay });
        using var arena = new Arena();
        using IWorkProgress progress = observer.Begin("Training the value head", options.Epochs, "epochs");
        if (test.Prompts.Count > 0) Keep(0, TestError(), trainingError: double.NaN);     // the start may be hard to beat
        int epoch = 0;
        while (epoch < options.Epochs && !(options.Patience > 0 && epoch - _bestEpoch >= options.Patience && _bestEpoch >= 0))
        {
            epoch++;
            double trainingError = Epoch(epoch, arena, optimizer, cancellation), error = test.Prompts.Count > 0 ? TestError() : trainingError;
            if (error < _bestError) Keep(epoch, error, trainingError);
            progress.Advance(1, note: $"mse {error:G4}");
        }
        _best.CopyTo(new Span<float>(head.Weights.Data, _best.Length));
        double[] values = head.Predict(states, test.Prompts);
        if (_bestEpoch == 0) _bestTrainingError = training.ErrorOf(head.Predict(states, training.Prompts));
        return new ValueTrainingRecord(training, test, values, _bestTrainingError, _bestEpoch, epoch);
    }

    // The mean error of the epoch's batches, each before its update.
    private double Epoch(int epoch, Arena arena, AdamW optimizer, CancellationToken cancellation)
    {
        int[] order = [.. Enumerable.Range(0, training.Prompts.Count)];
        new RandomStream(seed, "value order", number, epoch).Shuffle<int>(order);
        ValueDropout? dropout = options.Dropout > 0 ? new ValueDropout(options.Dropout, new RandomStream(seed, "value dropout", number, epoch)) : null;
        double errors = 0;
        foreach (int[] batch in order.Chunk(options.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using Tape tape = arena.Begin();
            head.Weights.ClearGradients();
            double rewards = batch.Sum(i => training.Counts[i]);
            Tensor packed = states.Pack([.. batch.Select(i => training.Prompts[i])], out int[] offsets);
            Tensor shares = Tensor.Vector([.. batch.Select(i => (float)(training.Counts[i] / rewards))]);
            Tensor targets = Tensor.Vector([.. batch.Select(i => (float)training.Means[i])]);
            Tensor misses = (head.Forward(packed, offsets, dropout) - targets) * _perWidth;      // in widths of the range: Adam's ε has one meaning for all rewards
            Tensor loss = (shares * misses * misses).Sum();
            if (!float.IsFinite(loss.Item())) throw new ArithmeticException($"The value head's loss is {loss.Item()} in epoch {epoch}; it must be finite. Lower value.learning_rate ({_learningRate:G3}), or look at the prompts' states.");
            tape.Backward(loss);
            optimizer.Update(_learningRate);
            errors += loss.Item() * rewards;
        }
        return errors / training.Counts.Sum() * head.Range.Width * head.Range.Width;
    }

    private double TestError() => test.ErrorOf(head.Predict(states, test.Prompts));

    private void Keep(int epoch, double error, double trainingError)
    {
        (_bestEpoch, _bestError, _bestTrainingError) = (epoch, error, trainingError);
        new ReadOnlySpan<float>(head.Weights.Data, _best.Length).CopyTo(_best);
    }
}

/// <summary>How one value head was trained.</summary>
/// <param name="Training">What it learnt.</param>
/// <param name="Test">What picked its epoch; may be empty.</param>
/// <param name="TestValues">What it says of the test's prompts.</param>
/// <param name="TrainingError">Mean squared error in the best epoch.</param>
/// <param name="BestEpoch">The epoch whose weights it has; 0 is the start.</param>
/// <param name="Epochs">Epochs run.</param>
internal sealed record ValueTrainingRecord(ValueTargets Training, ValueTargets Test, double[] TestValues, double TrainingError, int BestEpoch, int Epochs);
