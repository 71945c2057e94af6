using System.Text.Json;
using Leftover.Advantages;
using Leftover.Algorithms;
using Leftover.Batches;
using Leftover.Models;
using Leftover.Runs;
using Leftover.Tensors.Optimizers;
using Leftover.Training;

namespace Leftover.Pipeline;

/// <summary>Trains one policy: a method of the recipe, or supervised fine-tuning.</summary>
internal sealed class TrainingStage(RunContext context)
{
    private const string ModelName = "model", DoneFile = "training.json";

    /// <summary>Trains, continues or, where it is already done, takes the policy of a job.</summary>
    public TrainedPolicy Run(TrainingJob job)
    {
        string done = Path.Combine(job.Folder, DoneFile);
        if (job.Options.Resume && Done(done) is { } record && record.Fingerprint == job.Fingerprint)
        {
            context.Observer.Say($"{job.Title}: already done ({record.Steps} steps).");
            return new TrainedPolicy(PolicySource.Of(Path.Combine(job.Folder, ModelName)), record.ChosenStep, record.Steps);
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);      // what earlier stages left is given back first
        var memory = new MemoryStage(context, job.Section, job.Start.Config(), job.Algorithm, job.LargestSteps) { Beside = job.MemoryBeside };
        MemoryPlan plan = memory.Plan(job.Options);
        job.Planned?.Invoke(plan);
        context.Observer.Say($"{job.Title}: {memory.Text(plan)}");

        Directory.CreateDirectory(job.Folder);
        using LanguageModel policy = context.Load(job.Start, trainable: true, valueHead: job.Algorithm is OnlineAlgorithm { UsesValues: true });
        string checkpoints = Path.Combine(job.Folder, "checkpoints");
        using var log = new MetricsLog(job.Folder, context.Recipe.ReportTo, context.Clock);
        using SampleLog? samples = job.Validate is null ? null : new SampleLog(Path.Combine(job.Folder, "samples.jsonl"));
        IStepSource source = job.Source(policy);
        using IDisposable? own = source as IDisposable;
        using JsonLinesLog? timings = job.Algorithm is OnlineAlgorithm ? new JsonLinesLog(Path.Combine(job.Folder, "timings.jsonl")) : null;
        using var meter = new StepMeter(context, job.Title, source, new ModelWork(policy.Config), new StepLog(log, samples, timings, job.Options.LoggingSteps));
        var peaks = new PeakMeter();
        var loop = new TrainingLoop
        {
            Title = job.Title,
            CheckpointPath = checkpoints,
            Fingerprint = job.Fingerprint,
            Steps = job.Steps,
            Source = meter,
            Settings = SettingsOf(job.Options, job.Steps) with { NameOfExample = job.NameOfExample, Checkpoint = plan.GradientCheckpointing, ArenaFloats = plan.ArenaFloats },
            SaveSteps = job.Options.SaveSteps,
            SaveTotalLimit = job.Options.SaveTotalLimit,
            EvalSteps = job.EvalSteps,
            Validate = job.Validate is { } validate ? (model, step) => peaks.Interrupt(() => validate(model, step)) : null,
            KeepBest = job.Options.KeepBest && job.Validate is not null,
            Resume = job.Options.Resume,
            Log = meter,
        };
        int chosen = loop.Run(policy, job.Algorithm, context.Observer, context.Cancellation);
        if (MemoryStage.Compared(plan, peaks) is { } compared) context.Observer.Say($"{job.Title}: {compared}");

        string model = Path.Combine(job.Folder, ModelName);
        ModelFolder.Save(policy, model, job.Coding.Tokenizer);
        AtomicFile.WriteAllText(done, JsonSerializer.Serialize(new DoneRecord(job.Fingerprint, job.Steps, chosen)) + "\n");
        Directory.Delete(checkpoints, recursive: true);
        return new TrainedPolicy(PolicySource.Of(model), chosen, job.Steps);
    }

    /// <summary>The loop's settings out of a recipe's.</summary>
    public static TrainerSettings SettingsOf(TrainingOptions options, int steps)
    {
        var schedule = new LearningRateSchedule
        {
            Kind = options.Schedule,
            PeakRate = options.LearningRate,
            WarmupSteps = options.WarmupSteps > 0 ? options.WarmupSteps : (int)Math.Ceiling(options.WarmupRatio * steps),
            TotalSteps = steps,
        };
        return new TrainerSettings
        {
            Optimizer = new AdamWOptions { Beta1 = options.Beta1, Beta2 = options.Beta2, Epsilon = options.Epsilon, WeightDecay = options.WeightDecay },
            LearningRate = step => schedule.At(step - 1),
            MaxGradientNorm = (float)options.MaxGradNorm,
            Accumulation = options.BatchTokens is null ? options.GradientAccumulation : 1,
            SumBatches = options.AccumulationReduction == AccumulationReduction.Sum,
            MaxBatchTokens = Math.Min(options.MaxBatchTokens, options.BatchTokens ?? int.MaxValue),
        };
    }

    private static DoneRecord? Done(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<DoneRecord>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record DoneRecord(string Fingerprint, int Steps, int ChosenStep);
}

/// <summary>What is to be trained, from what, on which rows.</summary>
internal sealed record TrainingJob
{
    /// <summary>What is shown, for example <c>Training a-lol</c>.</summary>
    public required string Title { get; init; }

    /// <summary>Where the model, the metrics and the checkpoints go.</summary>
    public required string Folder { get; init; }

    /// <summary>A hash of all that the result depends on.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The policy to start from.</summary>
    public required PolicySource Start { get; init; }

    /// <summary>Tokenizer and template, saved beside the model.</summary>
    public required TextCoding Coding { get; init; }

    /// <summary>The loss.</summary>
    public required Algorithm Algorithm { get; init; }

    /// <summary>The loop's options.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>The recipe's section of the loop's options, for messages.</summary>
    public required string Section { get; init; }

    /// <summary>Steps in all; ≥ 1.</summary>
    public required int Steps { get; init; }

    /// <summary>The steps' rows, given the policy in training.</summary>
    public required Func<LanguageModel, IStepSource> Source { get; init; }

    /// <summary>Steps of which the largest decide how much memory is planned.</summary>
    public required IEnumerable<IReadOnlyList<TrainingRow>> LargestSteps { get; init; }

    /// <summary>Bytes that the training holds beside what its updates need, for example a frozen reference. Default 0.</summary>
    public long MemoryBeside { get; init; }

    /// <summary>Told what memory it will need, before it begins.</summary>
    public Action<MemoryPlan>? Planned { get; init; }

    /// <summary>Steps between validations.</summary>
    public int EvalSteps { get; init; }

    /// <summary>Scores the policy on validation prompts; null never validates.</summary>
    public Func<LanguageModel, int, ValidationReport>? Validate { get; init; }

    /// <summary>What messages call a training example, given its number.</summary>
    public required Func<int, string> NameOfExample { get; init; }
}

/// <summary>A policy that was trained.</summary>
/// <param name="Source">Where it lies.</param>
/// <param name="Step">The step whose weights it has; 0 where no step was better than the start.</param>
/// <param name="Steps">Steps that were trained.</param>
public sealed record TrainedPolicy(PolicySource Source, int Step, int Steps);
