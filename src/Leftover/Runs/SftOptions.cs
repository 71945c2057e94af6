using System.ComponentModel.DataAnnotations;
using Leftover.Tensors.Optimizers;

namespace Leftover.Runs;

/// <summary>Supervised fine-tuning on the completions, which makes the reference policy.</summary>
public sealed record SftOptions
{
    /// <summary>True trains the reference policy first; false takes the model as it is. Default false.</summary>
    public bool Enabled { get; init; }

    /// <summary>Passes over the rows; > 0. Default 3.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double Epochs { get; init; } = 3;

    /// <summary>Optimizer steps, in place of <see cref="Epochs"/>; ≥ 1. Default none.</summary>
    [Range(1, int.MaxValue)]
    public int? Steps { get; init; }

    /// <summary>Completions a batch; ≥ 1. Default 16.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 16;

    /// <summary>Batches a step; ≥ 1. Default 1.</summary>
    [Range(1, int.MaxValue)]
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>Input tokens computed at once, at most; a larger batch is computed in parts, with the same result. Default 4096.</summary>
    [Range(16, int.MaxValue)]
    public int MaxBatchTokens { get; init; } = 4096;

    /// <summary>Input tokens a batch, a prompt that completions share counted once, in place of <see cref="BatchSize"/>; ≥ 16. Default none: batches are counted in completions.</summary>
    [Range(16, int.MaxValue)]
    public int? BatchTokens { get; init; }

    /// <summary>Whether each block keeps its input alone and is run again in the backward pass, for less memory and the same result. Default auto: where the training would not fit otherwise.</summary>
    public GradientCheckpointing GradientCheckpointing { get; init; } = GradientCheckpointing.Auto;

    /// <summary>AdamW's step size at its highest; > 0. Default 5e-5.</summary>
    [Range(0.0, 1e3, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>How the learning rate falls after warm-up. Default linear.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Linear;

    /// <summary>Warm-up as a share of all steps; in [0, 1). Default 0.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double WarmupRatio { get; init; }

    /// <summary>The gradient's Euclidean norm, at most; 0 means no limit. Default 1.</summary>
    [Range(0.0, double.MaxValue)]
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>AdamW's decoupled weight decay; ≥ 0. Default 0.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; }

    /// <summary>Steps between two checkpoints; 0 means only on Ctrl-C. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int SaveSteps { get; init; }

    /// <summary>True learns from chosen and best completions only, where rows come in groups. Default true.</summary>
    public bool TargetsOnly { get; init; } = true;

    /// <summary>The training loop that these settings ask for; the rest are its defaults.</summary>
    public TrainingOptions ToTraining() => new()
    {
        Epochs = Epochs,
        Steps = Steps,
        BatchSize = BatchSize,
        GradientAccumulation = GradientAccumulation,
        LearningRate = LearningRate,
        Schedule = Schedule,
        WarmupRatio = WarmupRatio,
        MaxGradNorm = MaxGradNorm,
        WeightDecay = WeightDecay,
        MaxBatchTokens = MaxBatchTokens,
        BatchTokens = BatchTokens,
        GradientCheckpointing = GradientCheckpointing,
        SaveSteps = SaveSteps,
        KeepBest = false,
    };
}
