using Leftover.Runs;
using Leftover.Tensors;

namespace Leftover.Advantages;

/// <summary>Trains value heads on prompts' hidden states, which stay as they are: the language model is not needed any more.</summary>
/// <remarks>
/// AdamW on the squared error. Some prompts are held out to pick the epoch and to compare the head with a constant; the authors (arXiv:2305.14718)
/// pick the epoch of the least training error and compare with nothing, which <see cref="ValueOptions.HoldOut"/> = 0 does too.
/// </remarks>
/// <param name="options">The settings.</param>
/// <param name="seed">Splits, order of prompts, initial weights and dropout follow from it.</param>
/// <param name="observer">Who is told how far it is; null tells nobody.</param>
public sealed class ValueTrainer(ValueOptions options, long seed, IRunObserver? observer = null)
{
    private const int FewestPrompts = 4;                 // two to learn from, two to test on
    private readonly IRunObserver _observer = observer ?? SilentObserver.Instance;

    /// <summary>One head for prompts other than those it is trained on, for example trained on the reference policy's own answers.</summary>
    /// <param name="states">The prompts' hidden states.</param>
    /// <param name="targets">What to learn.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public ValueFit Fit(PromptStates states, ValueTargets targets, CancellationToken cancellation = default)
    {
        if (TooFew(targets) is { } none) return new ValueFit([], none);
        (ValueHead head, ValueTrainingRecord record) = TrainOne(states, targets, head: 0, cancellation);
        ValueReport report = Report(targets, [record], record.Test, record.TestValues, [.. record.Test.Prompts.Select(_ => record.Training.Mean)]);
        return Judge([head], report);
    }

    /// <summary>Values of the prompts themselves, each from a head that their rewards did not train.</summary>
    /// <param name="states">The prompts' hidden states.</param>
    /// <param name="targets">What to learn.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>The heads and their report, which is over all prompts; and a value for each of the targets' prompts, in their order.</returns>
    public (ValueFit Fit, double[] Values) CrossFit(PromptStates states, ValueTargets targets, CancellationToken cancellation = default)
    {
        int count = targets.Prompts.Count;
        if (TooFew(targets) is { } none) return (new ValueFit([], none), ValueBaselines.Constant(count, none.Constant));
        int folds = Math.Min(options.Folds, count / 2);
        int[] order = Shuffled(count, "value folds");
        double[] values = new double[count], constants = new double[count];
        var heads = new ValueHead[folds];
        var records = new ValueTrainingRecord[folds];
        try
        {
            for (int fold = 0; fold < folds; fold++)
            {
                int[] own = [.. order.Where((_, place) => place % folds == fold).Order()];
                ValueTargets others = targets.Select(Enumerable.Range(0, count).Except(own));
                (heads[fold], records[fold]) = TrainOne(states, others, fold, cancellation);
                double[] predicted = heads[fold].Predict(states, [.. own.Select(i => targets.Prompts[i])]);
                for (int i = 0; i < own.Length; i++) (values[own[i]], constants[own[i]]) = (predicted[i], others.Mean);
            }
        }
        catch
        {
            foreach (ValueHead? head in heads) head?.Dispose();
            throw;
        }
        ValueFit fit = Judge(heads, Report(targets, records, targets, values, constants));
        return (fit, fit.Report.UsesConstant ? ValueBaselines.Constant(count, fit.Report.Constant) : values);
    }

    private ValueReport? TooFew(ValueTargets targets)
    {
        if (targets.Prompts.Count >= FewestPrompts || !options.RequireBetterThanConstant) return null;
        return new ValueReport
        {
            TrainingPrompts = targets.Prompts.Count,
            TestPrompts = 0,
            TrainingMse = double.NaN,
            TestMse = double.NaN,
            ConstantMse = double.NaN,
            DifferenceStandardError = double.NaN,
            BestEpochs = [],
            Epochs = 0,
            Constant = targets.Mean,
            UsesConstant = true,
        };
    }

    private ValueFit Judge(ValueHead[] heads, ValueReport report)
    {
        bool isTested = report.TestPrompts > 0;
        if (!options.RequireBetterThanConstant || !isTested || report.BeatsConstant) return new ValueFit(heads, report);
        foreach (ValueHead head in heads) head.Dispose();
        return new ValueFit([], report with { UsesConstant = true });
    }

    private ValueReport Report(ValueTargets targets, ValueTrainingRecord[] heads, ValueTargets test, double[] values, double[] constants)
    {
        (double mean, double error) = Difference(test, values, constants);
        double mse = values.Length == 0 ? double.NaN : test.ErrorOf(values);
        return new ValueReport
        {
            TrainingPrompts = heads[0].Training.Prompts.Count,
            TestPrompts = values.Length,
            Folds = heads.Length,
            TrainingMse = heads.Average(head => head.TrainingError),
            TestMse = mse,
            ConstantMse = mse + mean,
            DifferenceStandardError = error,
            BestEpochs = [.. heads.Select(head => head.BestEpoch)],
            Epochs = heads.Sum(head => head.Epochs),
            Constant = targets.Mean,
        };
    }

    // How much the constants' squared error is above the values', and the standard error of that mean over prompts.
    private static (double Mean, double StandardError) Difference(ValueTargets test, double[] values, double[] constants)
    {
        int n = values.Length;
        double meanCount = n == 0 ? 0 : test.Counts.Average();
        double[] differences = [.. Enumerable.Range(0, n).Select(i => test.Counts[i] / meanCount * (Square(constants[i] - test.Means[i]) - Square(values[i] - test.Means[i])))];
        if (n == 0) return (double.NaN, double.NaN);
        Spread spread = Spread.Of(differences);
        return (spread.Mean, n > 1 ? spread.StandardDeviation / Math.Sqrt(n) : double.NaN);
    }

    private (ValueHead Head, ValueTrainingRecord Record) TrainOne(PromptStates states, ValueTargets targets, int head, CancellationToken cancellation)
    {
        (ValueTargets training, ValueTargets test) = Split(targets, head);
        ValueRange range = options.MaxValue is { } max ? new ValueRange(0, max) : ValueRange.Around(training.Means);
        var model = new ValueHead(states.Width, options.Heads, range, trainable: true);
        try
        {
            model.Initialize(seed, head);
            if (options.StartAtMean) model.StartAt(training.Mean);
            var run = new ValueTraining(model, states, training, test, options, seed, head);
            return (model, run.Run(_observer, cancellation));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private (ValueTargets Training, ValueTargets Test) Split(ValueTargets targets, int head)
    {
        int count = targets.Prompts.Count;
        int held = options.HoldOut == 0 ? 0 : Math.Clamp((int)Math.Round(count * options.HoldOut), Math.Min(2, count - 1), count - 1);
        int[] order = Shuffled(count, "value hold-out", head);
        return (targets.Select(order[held..]), targets.Select(order[..held]));
    }

    private int[] Shuffled(int count, string purpose, params ReadOnlySpan<long> indices)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(seed, purpose, indices).Shuffle<int>(order);
        return order;
    }

    private static double Square(double x) => x * x;
}
