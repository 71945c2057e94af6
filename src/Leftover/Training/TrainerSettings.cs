using Leftover.Tensors.Optimizers;

namespace Leftover.Training;

/// <summary>What the loop needs to know, resolved: no defaults left to look up.</summary>
public sealed record TrainerSettings
{
    /// <summary>AdamW's own settings.</summary>
    public required AdamWOptions Optimizer { get; init; }

    /// <summary>The learning rate of a step, given its number from 1.</summary>
    public required Func<int, float> LearningRate { get; init; }

    /// <summary>The gradient's Euclidean norm, at most; 0 does not limit it.</summary>
    public float MaxGradientNorm { get; init; } = 1;

    /// <summary>What messages call a training example, given its number. Default: the number.</summary>
    public Func<int, string> NameOfExample { get; init; } = example => example.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Batches a step; ≥ 1.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>True sums the batches' means, as the authors do; false takes the mean over the step's completions.</summary>
    public bool SumBatches { get; init; }

    /// <summary>Input tokens of one packed batch, at most; a batch with more is cut and its parts are accumulated.</summary>
    public int MaxBatchTokens { get; init; } = 4096;

    /// <summary>True keeps the blocks' inputs alone and runs each block again in the backward pass: less memory, the same bits.</summary>
    public bool Checkpoint { get; init; }

    /// <summary>What the largest batch needs, in floats, taken at once; 0 takes it as batches ask for it.</summary>
    public long ArenaFloats { get; init; }
}
