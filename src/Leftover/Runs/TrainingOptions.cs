using System.ComponentModel.DataAnnotations;
using Leftover.Advantages;
using Leftover.Tensors.Optimizers;

namespace Leftover.Runs;

/// <summary>The training loop.</summary>
public sealed record TrainingOptions
{
    /// <summary>Optimizer steps; ≥ 1. Default: as many as <see cref="Epochs"/> take.</summary>
    [Range(1, int.MaxValue)]
    public int? Steps { get; init; }

    /// <summary>Passes over the rows a method trains on, where neither <see cref="Steps"/> nor <see cref="TotalTokens"/> says anything; > 0. Default 1.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double Epochs { get; init; } = 1;

    /// <summary>Input tokens to train on in all, in place of <see cref="Steps"/>: as many whole steps as fit, at least one; ≥ 1. Default none.</summary>
    [Range(1, long.MaxValue)]
    public long? TotalTokens { get; init; }

    /// <summary>True multiplies <see cref="Steps"/> and <see cref="EvalSteps"/> by the share of rows kept, as the authors do. Default false.</summary>
    public bool ScaleStepsByKept { get; init; }

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

    /// <summary>How the batches of a step are put together: their mean equals one big batch; their sum is the authors'. Default mean.</summary>
    public AccumulationReduction AccumulationReduction { get; init; } = AccumulationReduction.Mean;

    /// <summary>AdamW's step size at its highest; > 0. Default 1e-5.</summary>
    [Range(0.0, 1e3, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>How the learning rate falls after warm-up. Default linear.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Linear;

    /// <summary>Steps over which the learning rate rises from 0; ≥ 0. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int WarmupSteps { get; init; }

    /// <summary>The same as a share of all steps, where <see cref="WarmupSteps"/> is 0; in [0, 1). Default 0.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double WarmupRatio { get; init; }

    /// <summary>The gradient's Euclidean norm, at most; 0 means no limit. Default 1.</summary>
    [Range(0.0, double.MaxValue)]
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>AdamW's decoupled weight decay; ≥ 0. Default 0.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; }

    /// <summary>AdamW's decay of the first moment; in [0, 1). Default 0.9.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the second moment; in [0, 1). Default 0.999.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>AdamW's ε; > 0. Default 1e-8.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>What is random in this training follows from it, and nothing that methods share does. Default: the recipe's own seed.</summary>
    public long? Seed { get; init; }

    /// <summary>Which rows a step takes. Default uniform.</summary>
    public SamplingStrategy Sampling { get; init; } = SamplingStrategy.Uniform;

    /// <summary>α: rows are drawn in proportion to priority^α; ≥ 0, and 0 draws all alike. Default 1, the authors'.</summary>
    [Range(0.0, 100.0)]
    public double PriorityExponent { get; init; } = 1;

    /// <summary>True weights a row drawn by priority so that its advantage counts once; false lets it count in the drawing and in the loss. Default false.</summary>
    public bool CorrectForPriority { get; init; }

    /// <summary>Rows whose advantage is not above it are dropped; in units of reward. Default 0.</summary>
    public double AdvantageThreshold { get; init; }

    /// <summary>Steps between two lines of metrics; ≥ 1. Default 1.</summary>
    [Range(1, int.MaxValue)]
    public int LoggingSteps { get; init; } = 1;

    /// <summary>Steps between two evaluations on validation prompts; 0 means only at the end. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int EvalSteps { get; init; }

    /// <summary>Evaluations on validation prompts in all, evenly spread, in place of <see cref="EvalSteps"/>; ≥ 0. Default 0: as that says.</summary>
    [Range(0, int.MaxValue)]
    public int Validations { get; init; }

    /// <summary>Steps between two checkpoints; 0 means only at the end and on Ctrl-C. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int SaveSteps { get; init; }

    /// <summary>Checkpoints kept, the newest and the best; 0 means all. Default 2.</summary>
    [Range(0, int.MaxValue)]
    public int SaveTotalLimit { get; init; } = 2;

    /// <summary>True keeps the checkpoint with the best validation reward, false the last. Default true.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Steps between two evaluations of a training of so many; 0 means only at the end.</summary>
    internal int EvalStepsOf(int steps) => Validations > 0 ? Math.Max(steps / Validations, 1) : EvalSteps;

    /// <summary>True continues an interrupted run of the same recipe, false starts afresh. Default true.</summary>
    public bool Resume { get; init; } = true;
}

/// <summary>How the gradients of a step's batches are put together.</summary>
public enum AccumulationReduction
{
    /// <summary>Mean over the step's completions.</summary>
    Mean,

    /// <summary>Sum of the batches' means.</summary>
    Sum,
}

/// <summary>Whether blocks are run again in the backward pass.</summary>
public enum GradientCheckpointing
{
    /// <summary>Where the training would not fit into the free memory otherwise.</summary>
    Auto,

    /// <summary>Always.</summary>
    True,

    /// <summary>Never.</summary>
    False,
}
