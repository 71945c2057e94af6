using Leftover.Algorithms;
using Leftover.Models;
using Leftover.Runs;

namespace Leftover.Training;

/// <summary>A training from its first step, or its last checkpoint, to its chosen weights: the loop with checkpoints, validation and metrics around it.</summary>
public sealed class TrainingLoop
{
    /// <summary>What is shown while it runs, for example <c>Training a-lol</c>.</summary>
    public required string Title { get; init; }

    /// <summary>Where checkpoints lie while it runs.</summary>
    public required string CheckpointPath { get; init; }

    /// <summary>A hash of all that the training depends on.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Steps in all; ≥ 1.</summary>
    public required int Steps { get; init; }

    /// <summary>Where the rows of the steps come from.</summary>
    public required IStepSource Source { get; init; }

    /// <summary>Batches and optimizer.</summary>
    public required TrainerSettings Settings { get; init; }

    /// <summary>Steps between two checkpoints; 0 writes one only when it is stopped.</summary>
    public int SaveSteps { get; init; }

    /// <summary>Checkpoints kept; 0 keeps all.</summary>
    public int SaveTotalLimit { get; init; } = 2;

    /// <summary>Steps between two validations; 0 never validates.</summary>
    public int EvalSteps { get; init; }

    /// <summary>Scores the policy on validation prompts, higher is better; null never validates. What it measured is written beside.</summary>
    public Func<LanguageModel, int, ValidationReport>? Validate { get; init; }

    /// <summary>True ends with the weights of the best validation (the starting weights count), false with the last.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>False starts afresh although there are checkpoints.</summary>
    public bool Resume { get; init; } = true;

    /// <summary>Where a step's figures go; called once for each step of the uninterrupted run.</summary>
    public required IStepLog Log { get; init; }

    /// <summary>Runs it; afterwards the policy has the chosen weights.</summary>
    /// <returns>The step whose weights these are; 0 where no step was better than the start.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; a checkpoint of the last whole step is on disk.</exception>
    public int Run(LanguageModel policy, Algorithm algorithm, IRunObserver observer, CancellationToken cancellation)
    {
        var checkpoints = new CheckpointFolder(CheckpointPath, Fingerprint, SaveTotalLimit);
        using var trainer = new Trainer(policy, algorithm, Settings, Source);
        TrainingState state = Start(policy, trainer, checkpoints, observer);
        if (state.Step == 0) state = Validated(state, policy, checkpoints);

        using (IWorkProgress progress = observer.Begin(Title, Steps, "steps"))
        {
            progress.Advance(state.Step);
            foreach (StepReport report in trainer.Steps(state.Step + 1, Steps))
            {
                Log.Write(report);
                state = state with { Step = report.Step, Memory = Source.Memory };
                progress.Advance(1, report.Tokens, $"loss {report.Loss:G4}");

                bool validates = Validate is not null && (report.Step == Steps || (EvalSteps > 0 && report.Step % EvalSteps == 0));
                if (validates) state = Validated(state, policy, checkpoints);
                bool stopped = cancellation.IsCancellationRequested && report.Step < Steps;
                if (stopped || report.Step == Steps || (SaveSteps > 0 && report.Step % SaveSteps == 0)) checkpoints.Save(state, policy.Weights, trainer.Optimizer);
                if (stopped)
                {
                    observer.Say($"Stopped after step {report.Step} of {Steps}; the same command goes on from there.");
                    cancellation.ThrowIfCancellationRequested();
                }
            }
        }
        if (!KeepBest || state.BestStep is not { } best || best == state.Step) return state.Step;
        checkpoints.LoadBest(best, policy.Weights);
        return best;
    }

    private TrainingState Start(LanguageModel policy, Trainer trainer, CheckpointFolder checkpoints, IRunObserver observer)
    {
        TrainingState? newest = Resume ? checkpoints.Newest() : null;
        Log.RewindTo(newest?.Step ?? -1);
        if (newest is null) return new TrainingState { Step = 0, Fingerprint = Fingerprint };
        if (newest.Memory is not null) Source.Memory = newest.Memory;
        checkpoints.Load(newest, policy.Weights, trainer.Optimizer);
        observer.Say($"{Title}: going on after step {newest.Step} of {Steps}.");
        return newest;
    }

    private TrainingState Validated(TrainingState state, LanguageModel policy, CheckpointFolder checkpoints)
    {
        if (Validate is null) return state;
        ValidationReport report = Validate(policy, state.Step);
        Log.Write(report);
        if (!KeepBest || (state.BestScore is { } best && report.Score <= best)) return state;
        checkpoints.SaveBest(state.Step, policy.Weights);
        return state with { BestStep = state.Step, BestScore = report.Score };
    }
}

/// <summary>What a validation found.</summary>
/// <param name="Step">After which step; 0 before the first.</param>
/// <param name="Score">What the best checkpoint is chosen by; higher is better.</param>
/// <param name="Metrics">Everything it measured, by name.</param>
public sealed record ValidationReport(int Step, double Score, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>The first replies it looked at, the same prompts each time; none where it looked at logged answers. Default none.</summary>
    public IReadOnlyList<Sample> Samples { get; init; } = [];
}

/// <summary>Where the figures of steps and validations go.</summary>
public interface IStepLog
{
    /// <summary>Forgets what is known of later steps: the training goes on after this one; −1 forgets all.</summary>
    void RewindTo(int step);

    /// <summary>Takes a step's figures.</summary>
    void Write(StepReport report);

    /// <summary>Takes a validation's figures.</summary>
    void Write(ValidationReport report);
}
