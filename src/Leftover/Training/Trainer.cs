using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Tensors;
using Leftover.Tensors.Memory;
using Leftover.Tensors.Optimizers;

namespace Leftover.Training;

/// <summary>The loop: rows in, one optimizer step after another, a report of each. The same for every algorithm.</summary>
/// <remarks>
/// Nothing in it is random: a step's rows follow from its number, so a run that is interrupted after step k and goes on with the
/// weights and moments of step k ends with the same bytes.
/// </remarks>
public sealed class Trainer : IDisposable
{
    private const int NamedExamples = 16;

    private readonly LanguageModel _policy;
    private readonly Algorithm _algorithm;
    private readonly TrainerSettings _settings;
    private readonly IStepSource _source;
    private readonly Arena _arena;
    private readonly StepTimes _times = new();

    /// <summary>A loop that has not run yet.</summary>
    /// <param name="policy">The model to train; its weights are trainable.</param>
    /// <param name="algorithm">The loss.</param>
    /// <param name="settings">Batches and optimizer.</param>
    /// <param name="rowsOfStep">The rows of a step, given its number from 1; the same each time it is asked.</param>
    public Trainer(LanguageModel policy, Algorithm algorithm, TrainerSettings settings, Func<int, IReadOnlyList<TrainingRow>> rowsOfStep)
        : this(policy, algorithm, settings, new LoggedSteps(rowsOfStep))
    {
    }

    /// <summary>A loop that has not run yet.</summary>
    /// <param name="policy">The model to train; its weights are trainable.</param>
    /// <param name="algorithm">The loss.</param>
    /// <param name="settings">Batches and optimizer.</param>
    /// <param name="source">The rows of each step's updates.</param>
    public Trainer(LanguageModel policy, Algorithm algorithm, TrainerSettings settings, IStepSource source)
    {
        if (!policy.Weights.Trainable) throw new ArgumentException("The policy was loaded frozen; load it with trainable: true.", nameof(policy));
        (_policy, _algorithm, _settings, _source) = (policy, algorithm, settings, source);
        Optimizer = new AdamW(policy.Weights, settings.Optimizer);
        _arena = new Arena(settings.ArenaFloats);
    }

    /// <summary>The moments and the number of updates; a checkpoint holds them.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Runs the steps from <paramref name="first"/> to <paramref name="last"/>, both included; stop asking to stop after a step.</summary>
    /// <exception cref="ArithmeticException">A loss or gradient is not finite; the weights are those before that step.</exception>
    public IEnumerable<StepReport> Steps(int first, int last)
    {
        for (int step = first; step <= last; step++) yield return Step(step);
    }

    private StepReport Step(int step)
    {
        var statistics = new StepStatistics(_algorithm.Weighting);
        float rate = _settings.LearningRate(step);
        _times.BeginStep();
        foreach (IReadOnlyList<TrainingRow> rows in _source.Updates(step)) Update(step, rows, rate, statistics);
        StepReport report = statistics.Report(step, rate);
        return report with { Figures = Joined(report.Figures, _source.Figures), Seconds = Joined(_source.Seconds, _times.Seconds) };
    }

    private void Update(int step, IReadOnlyList<TrainingRow> rows, float rate, StepStatistics statistics)
    {
        double loss = 0;
        _policy.Weights.ClearGradients();
        foreach ((List<TrainingRow> run, float shareOfStep) in StepBatches.Of(rows, _settings, _algorithm.AveragesTokens))
        {
            if (_algorithm.NeedsWholeStep && run.Count < rows.Count) throw WholeStep(step, rows, run);
            CompletionBatch batch = BatchPacker.Pack(run, shareOfStep, _algorithm.ReadsSumOfSquares);
            using Tape tape = _arena.Begin(computeType: _policy.ComputeType, checkpoint: _settings.Checkpoint);    // frees this batch's activations
            _times.Begin();
            (Tensor tokenLogProbs, Tensor? tokenValues) = _policy.TokenOutputs(batch.Tokens, batch.Layout, batch.Rows, batch.Targets, _algorithm.ReadsSumOfSquares ? batch.LogSumSquaredProbValues : null);   // [N]
            Tensor share = _algorithm.Loss(tokenLogProbs, tokenValues, batch) * batch.StepShare;    // its part of the step's completions
            statistics.Add(tokenLogProbs.Data, batch);
            _algorithm.Measure(tokenLogProbs.Data, tokenValues is null ? [] : tokenValues.Data, batch, statistics.Figures);
            _times.EndForward();
            tape.Backward(share);
            _times.EndBackward();
            if (!float.IsFinite(share.Item())) throw NotFinite("loss", share.Item(), step, batch);
            loss += share.Item();
        }
        _times.Begin();
        double norm = GradientClipper.Norm(_policy.Weights);
        if (!double.IsFinite(norm)) throw new ArithmeticException($"Step {step}: the gradient's norm is {norm}; it must be finite. The step was not taken. A lower --learning_rate is the usual cure; examples of the step: {Names([.. rows.Select(row => row.Example)])}.");
        Optimizer.Update(rate, GradientClipper.Factor(norm, _settings.MaxGradientNorm));
        _times.EndUpdate();
        statistics.AddUpdate(loss, norm);
    }

    private static IReadOnlyDictionary<string, double> Joined(IReadOnlyDictionary<string, double> some, IReadOnlyDictionary<string, double> more) =>
        more.Count == 0 ? some : new SortedDictionary<string, double>(some.Concat(more).ToDictionary(), StringComparer.Ordinal);

    private static InvalidOperationException WholeStep(int step, IReadOnlyList<TrainingRow> rows, List<TrainingRow> run) =>
        new($"Step {step}: the loss compares all groups of a step, and a batch holds {run.Count} of its {rows.Count} completions. Give the trainer no accumulation, MaxBatchTokens of at least the step's {BatchPacker.TokensToCut(rows)} tokens, and no rows of weight 0.");

    private ArithmeticException NotFinite(string what, float value, int step, CompletionBatch batch) =>
        new($"Step {step}: the {what} is {value}; it must be finite. The step was not taken. Examples of the batch: {Names(batch.Examples)}. Look at them with `leftover inspect`, or lower --learning_rate.");

    private string Names(int[] examples) =>
        string.Join(", ", examples.Take(NamedExamples).Select(_settings.NameOfExample)) + (examples.Length > NamedExamples ? ", …" : "");

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        _arena.Dispose();
    }
}
